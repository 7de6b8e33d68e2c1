#!/bin/sh
# Run by installpkg in the target root, piped into a shell: relative paths only, and nothing may read stdin.

# A new configuration file becomes the real one where there is none, goes where nothing changed, and else
# stays beside the admin's as .new.
config() {
  new="$1"
  old="${new%.new}"
  if [ ! -e "$new" ]; then
    return 0
  elif [ ! -e "$old" ] && [ ! -L "$old" ]; then
    mv "$new" "$old"
  elif [ "$(md5sum < "$old")" = "$(md5sum < "$new")" ]; then
    rm -f "$new"
  fi
}

# With the mode of the installed one, a service that is enabled stays enabled after an admin's mv.
preserve_perms() {
  new="$1"
  old="${new%.new}"
  if [ -e "$new" ] && [ -e "$old" ]; then
    cp -p "$old" "$new.incoming"
    cat "$new" > "$new.incoming"
    mv "$new.incoming" "$new"
  fi
  config "$new"
}

preserve_perms etc/rc.d/rc.jitsi.new
config etc/jitsi-meet/jitsi.conf.new
config etc/default/jitsi-meet.new
config etc/logrotate.d/jitsi-meet.new
