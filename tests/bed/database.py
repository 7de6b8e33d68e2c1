"""MariaDB on a host, of the line that Slackware has (10.5), listening for containers, with a database for pads."""
from __future__ import annotations

from pathlib import Path

from bed import added
from bed.base import wait_until
from bed.host import Host

USER, PASSWORD, NAME = "etherpad", "pa'ss \\w\"ord", "pads"
_SOCKET = "/run/mysqld.sock"


def ensure() -> Path:
    """The files of MariaDB's server and client that the root does not have."""
    return added.ensure("mariadb", ["mariadb-server-core-10.5", "mariadb-client-core-10.5"])


def start(host: Host) -> None:
    """A server on port 3306 of all addresses, with the account and an empty database."""
    host.put(ensure(), "/")
    host.run("ldconfig; mkdir -p /var/lib/mysql; mysql_install_db --user=root --datadir=/var/lib/mysql"
             " --auth-root-authentication-method=normal --skip-test-db --force >/dev/null")
    host.spawn(["/usr/sbin/mariadbd", "--no-defaults", "--user=root", "--datadir=/var/lib/mysql",
                f"--socket={_SOCKET}", "--bind-address=0.0.0.0", "--character-set-server=utf8mb4"])
    wait_until(lambda: host.run(["mysql", f"--socket={_SOCKET}", "-e", "SELECT 1"], check=False).returncode == 0,
               "MariaDB")
    quoted = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    ask(host, f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4;"
              f"CREATE USER {USER}@'%' IDENTIFIED BY '{quoted}'; GRANT ALL ON {NAME}.* TO {USER}@'%';")


def ask(host: Host, statement: str) -> str:
    """What the server says to root, tab-separated."""
    return host.run(["mysql", f"--socket={_SOCKET}", "-N", "-e", statement]).stdout
