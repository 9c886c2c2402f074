# A container without an engine: an image's files read-only, one folder to write into, and no root. Run under
# `unshare --mount --pid --fork`: ROOT STATE COMMAND…
set -eu
root=$1 state=$2
shift 2
mount --bind "$root" "$root"
mount --bind "$state" "$root/var/lib/kudos"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount -o remount,bind,ro "$root"
exec chroot --userspec=10001:10001 --groups= "$root" "$@"
