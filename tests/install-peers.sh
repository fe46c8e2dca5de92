#!/bin/sh
# Install the Debian packages named, where that is possible: the real servers that tests/peers and bench talk to.
# Services are not started (policy-rc.d): the tests start their own, with their own directories and ports.
set -u
missing=
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
    echo "please install:$missing" >&2
    exit 1
fi
echo "installing$missing"
policy=/usr/sbin/policy-rc.d
mine=
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && mine=yes
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get update && apt-get install --yes --no-install-recommends $missing; } >"$log" 2>&1
status=$?
[ "$status" = 0 ] || tail -n 20 "$log" >&2
rm -f "$log"
[ -n "$mine" ] && rm -f "$policy"
exit $status
