"""Start jitsictl from its private tree: launcher.py NAME [ARGUMENT...], NAME being what the user called.

Whatever is missing is one line on standard error and exit status 1, never a traceback. This file must
compile on every Python 3 to be able to say that one is too old, hence neither annotations nor f-strings.
"""
# ruff: noqa: UP032

import importlib.util
import pathlib
import sys

OLDEST = (3, 9)

# What the helper imports from outside the standard library, and the package of SlackBuilds.org that has it;
# None: a full Slackware installation has it.
MODULES = {
    "click": "click",
    "docker": "python3-docker",
    "jinja2": None,
    "pexpect": "python3-pexpect",
    "ptyprocess": "python3-ptyprocess",
    "requests": None,
    "yaml": None,
}


def too_old(version):
    """The sentence for a Python of `version` (a tuple) that is too old, or an empty string."""
    if tuple(version) >= OLDEST:
        return ""
    return "Python {}.{} or newer is needed, {} is {}; Slackware has it since 15.0".format(
        OLDEST[0], OLDEST[1], sys.executable, ".".join(str(part) for part in version[:3])
    )


def cannot_import(error):
    """The sentence for an ImportError: all that is to be installed, not only what was missed first."""
    missing = [name for name in sorted(MODULES) if importlib.util.find_spec(name) is None]
    if not missing:
        return "{}; the installation is damaged, install docker-jitsi-meet again".format(error)
    advice = []
    packages = [MODULES[name] for name in missing if MODULES[name]]
    if packages:
        advice.append("install from SlackBuilds.org: {}".format(" ".join(packages)))
        advice.append("or build docker-jitsi-meet with BUNDLE=yes, which brings these along")
    stock = [name for name in missing if not MODULES[name]]
    if stock:
        advice.append("install from Slackware's series l what has: {}".format(" ".join(stock)))
    return "Python modules are missing: {}; {}".format(" ".join(missing), "; ".join(advice))


def run(arguments):
    """Exit status of jitsictl, called with `arguments`, the name first."""
    tree = pathlib.Path(__file__).resolve().parent / "python"
    # The bundle comes first: a package that was built with it does not depend on the host's versions.
    sys.path[:0] = [str(tree), str(tree / "bundle")]
    sys.argv = arguments
    # A terminal that cannot show a character gets an escape instead of an error; a caller may have closed it.
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")
    from jitsictl.cli.__main__ import main

    return main()


def start(arguments):
    """Exit status; what keeps the helper from starting is said in one line."""
    problem = too_old(sys.version_info)
    if not problem:
        try:
            return run(arguments)
        except ImportError as error:
            problem = cannot_import(error)
        except KeyboardInterrupt:
            return 130
    sys.stderr.write("{}: {}\n".format(arguments[0], problem))
    return 1


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:] or ["jitsictl"]))
