#!/bin/sh
# First process of a bed host, in fresh mount, pid, uts and ipc namespaces and the host's network namespace.
# $1 lower layers, $2 folder of the host (upper, work, docker, root), $3 host name.
# Prints "ready" when the host's file system is the root, then becomes an init that reaps.
set -eu
lower=$1 disk=$2 name=$3
root=$disk/root

mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$disk/upper,workdir=$disk/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 run "$root/run"
mkdir -m 1777 "$root/run/lock"
# Docker's overlay2 does not work on an overlay: its data is on the file system underneath.
mount --bind "$disk/docker" "$root/var/lib/docker"

mount -t tmpfs -o mode=0755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
for node in null zero full random urandom tty; do
  : >"$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

cd "$root"
mkdir -p .outer
pivot_root . .outer
cd /
umount -l /.outer
rmdir /.outer
hostname "$name"
echo ready
# What a halt signals (everything) must not end the init before the others had their time.
trap '' TERM HUP INT
exec /usr/bin/tini -- /bin/sleep infinity </dev/null >/dev/null 2>&1
