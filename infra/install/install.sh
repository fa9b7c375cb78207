#!/bin/sh
# Makes this Debian host a server of Mailstead:  curl -fsSL https://CONTROL/install.sh | sudo sh -s -- TOKEN
# With "update" in the place of TOKEN it gives an enrolled host the newest agent and updater, and changes nothing else.
#
# It downloads the agent, checks that the control plane which made TOKEN, or enrolled the host, signed it, and only then
# installs and starts it. Every refusal is one sentence, and nothing has been changed when it appears.
set -eu

control_url='@PUBLIC_URL@'
folder=/usr/lib/mailstead
versions=$folder/versions
command_link=/usr/local/bin/mailstead-agent
unit_file=/etc/systemd/system/mailstead-agent.service
state_folder=/var/lib/mailstead
identity=/etc/mailstead/identity.json
updater_settings=/etc/mailstead/updater
updater_state=$state_folder/updater
mail_directory_folder=/var/lib/mailstead-directory
clock_tolerance_seconds=120
# The executable takes 110 MiB and comes compressed.
free_kib_min=262144
# Written beside what may run already, and of no use unless this host is enrolled.
staged=
staged_unit=$unit_file.new
is_enrolled=no
# Two root keys that name each other must end somewhere.
root_keys_max=8
# An Ed25519 public key in DER is these bytes and then the key itself (RFC 8410 section 4).
ed25519_der_prefix=302a300506032b6570032100

# All of it is one function, called on the last line, so that a script that arrives in part does nothing.
main() {
  umask 022
  token=${1-}
  check_host
  check_programs
  check_token
  check_port_25
  work=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 1' INT TERM HUP
  fetch_statement
  check_clock
  check_signing_key
  follow_root_keys
  check_release_key
  check_statement
  fetch_agent
  stage_agent
  [ "$token" = update ] || enrol
  is_enrolled=yes
  start_agent
  remove_old_versions
  printf 'Mailstead agent %s runs. The dashboard shows this server as online within seconds.\n' "$version"
}

refuse() {
  printf '%s Nothing was changed.\n' "$1" >&2
  exit 1
}

clean_up() {
  rm -rf "$work"
  [ "$is_enrolled" = no ] && [ -n "$staged" ] || return 0
  rm -rf "$staged" "$staged_unit" 2>/dev/null || true
  rmdir "$versions" "$folder" 2>/dev/null || true
}

# --- may this host be a server? ---

check_token() {
  pinned_by='the token names'
  pinned_when='made the token'
  if [ "$token" = update ]; then
    pinned_by='this host has pinned'
    pinned_when='enrolled this host'
    pinned_key=$(sed -n 's/.*"signingPublicKey": *"\([A-Za-z0-9+/]*=\)".*/\1/p' $identity 2>/dev/null) && [ -n "$pinned_key" ] ||
      refuse "This host is not enrolled ($identity); copy the whole command from the dashboard and run it."
    fingerprint=$(printf %s "$pinned_key" | openssl base64 -d -A | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
    return
  fi
  case $token in
    *[!A-Za-z0-9._-]*) token= ;;
  esac
  printf '%s\n' "$token" | grep -Eqx 'ms1\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}' ||
    refuse 'This is not an enrolment token; copy the whole command from the dashboard and run it again.'
  fingerprint=${token##*.}
}

check_host() {
  [ "$(id -u)" = 0 ] || refuse 'The agent needs root; run the command with sudo.'
  system=$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID-unknown}" "${VERSION_ID-}") || system=unknown
  case $system in
    'debian 12' | 'debian 13') ;;
    *) refuse "Mailstead operates Debian 12 and Debian 13, and this host runs $system." ;;
  esac
  case $(dpkg --print-architecture) in
    amd64) platform=linux-x64 ;;
    arm64) platform=linux-arm64 ;;
    *) refuse "Mailstead has agents for amd64 and arm64, and this host is $(dpkg --print-architecture)." ;;
  esac
  [ -d /run/systemd/system ] || refuse 'The agent is started by systemd, which does not run here; use a virtual machine or a real host.'
  free_kib=$(df -Pk /usr | awk 'NR == 2 { print $4 }')
  [ "$free_kib" -ge "$free_kib_min" ] || refuse "The disk of /usr has $((free_kib / 1024)) MiB free and the agent needs $((free_kib_min / 1024)); make room and try again."
}

check_programs() {
  for program in curl openssl gzip sha256sum; do
    command -v "$program" >/dev/null || refuse "The program $program is missing; run: apt-get install $program"
  done
  case $(openssl version) in
    'OpenSSL 3'*) ;;
    *) refuse "OpenSSL 3 is needed to check signatures, and this host has $(openssl version)." ;;
  esac
}

# A host that already serves mail has mail to lose. Our own Postfix is fine: the agent may be installed again.
check_port_25() {
  # What listens is ours when an agent lives or has lived here; it is enrolled anew over the mail server that it left.
  [ -d "$state_folder" ] || [ -d "$mail_directory_folder" ] && return
  inode=$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$2 ~ /:0019$/ && $4 == "0A" { print $10; exit }')
  [ -n "$inode" ] || return 0
  owner=$(find /proc -maxdepth 3 -path '/proc/[0-9]*/fd/*' -lname "socket:\\[$inode\\]" 2>/dev/null | head -n 1 | cut -d / -f 3)
  name=$(cat "/proc/$owner/comm" 2>/dev/null) || name='another program'
  refuse "Port 25 is taken by $name, so this host already runs a mail server; remove it, or use a clean host."
}

# --- is the agent what the control plane made? ---

download() { # path below the control plane, file, bytes at most
  curl -fsS --proto =https,http --max-filesize "$3" --connect-timeout 15 --speed-limit 1000 --speed-time 30 \
    --dump-header "$work/headers" --output "$2" "$control_url$1" 2>"$work/problem"
}

fetch() { # path below the control plane, file, bytes at most
  download "$@" && return
  case $(head -n 1 "$work/headers" 2>/dev/null) in
    *' 503'*) refuse "The agent at $control_url is still being built; run the command again in half a minute." ;;
  esac
  refuse "Cannot download $control_url$1 ($(tail -n 1 "$work/problem"))."
}

fetch_statement() {
  fetch "/releases/$platform.release" "$work/release" 65536
  fetch /releases/signing-key.pem "$work/key.pem" 65536
}

check_clock() {
  header=$(sed -n 's/^[Dd]ate: *//p' "$work/headers" | tr -d '\r' | tail -n 1)
  # A proxy may leave it out, and date takes no words for last midnight.
  [ -n "$header" ] || return 0
  control_time=$(date -u -d "$header" +%s 2>/dev/null) || return 0
  difference=$(($(date -u +%s) - control_time))
  [ "${difference#-}" -le "$clock_tolerance_seconds" ] ||
    refuse "The clock of this host is wrong by ${difference#-} seconds, and orders are dated; run: timedatectl set-ntp true"
}

check_signing_key() {
  openssl pkey -pubin -in "$work/key.pem" -outform DER -out "$work/key.der" 2>/dev/null || refuse_key
  [ "$(od -An -v -tx1 "$work/key.der" | tr -d ' \n' | cut -c 1-24)" = "$ed25519_der_prefix" ] || refuse_key
  [ "$(wc -c <"$work/key.der")" -eq 44 ] || refuse_key
  found=$(tail -c 32 "$work/key.der" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')
  [ "$found" = "$fingerprint" ] || refuse_key
}

# The key of the token names the root key, and that one, once it is replaced, the next.
follow_root_keys() {
  root_key=$(tail -c 32 "$work/key.der" | openssl base64 -A)
  # What this host has pinned since it was enrolled counts for more than what the token named.
  [ "$token" != update ] || ! pinned_root=$(fact_of $updater_settings root-key) || [ -z "$pinned_root" ] || root_key=$pinned_root
  followed=0
  while [ "$followed" -lt $root_keys_max ]; do
    status=0
    download "/releases/root-key-after-$(id_of "$root_key")" "$work/root.signed" 65536 || status=$?
    # curl says 22 when there is no such file, and so nothing comes after this key.
    [ $status != 22 ] || return 0
    [ $status = 0 ] || refuse "Cannot download the root key from $control_url ($(tail -n 1 "$work/problem"))."
    is_signed_by "$root_key" "$work/root.signed" "$work/root" && [ "$(head -n 1 "$work/root")" = mailstead-root-key ] &&
      fact_of "$work/root" key | grep -Eqx '[A-Za-z0-9+/]{43}=' ||
      refuse "The root key at $control_url is not signed by the control plane that $pinned_when."
    root_key=$(fact_of "$work/root" key)
    followed=$((followed + 1))
  done
}

# The root key certifies the release key for a time, and hosts take none that is older than one they have seen.
check_release_key() {
  fetch "/releases/release-key-by-$(id_of "$root_key")" "$work/certificate.signed" 65536
  is_signed_by "$root_key" "$work/certificate.signed" "$work/certificate" && [ "$(head -n 1 "$work/certificate")" = mailstead-release-key ] ||
    refuse "The release key at $control_url is not signed by the root key of the control plane that $pinned_when."
  now=$(date -u +%s)
  [ "$now" -ge "$(number_of "$work/certificate" not-before)" ] && [ "$now" -lt "$(number_of "$work/certificate" expires)" ] ||
    refuse "The certificate of the release key at $control_url has expired, or is not valid yet; whoever runs Mailstead renews it with: npm run root-key"
  sequence=$(number_of "$work/certificate" sequence)
  [ "$token" != update ] || [ "$root_key" != "$(fact_of $updater_settings root-key)" ] || [ "$sequence" -ge "$(number_of $updater_state/seen sequence)" ] ||
    refuse "The release key at $control_url is older than one that this host has seen."
}

check_statement() {
  is_signed_by "$(fact_of "$work/certificate" key)" "$work/release" "$work/statement" ||
    refuse "The agent at $control_url is not signed by the control plane that $pinned_when."

  version=$(value_of version)
  file=$(value_of file)
  sha256=$(value_of sha256)
  size=$(value_of size)
  number=$(value_of number)
  updater_file=$(value_of updater-file)
  updater_sha256=$(value_of updater-sha256)
  updater_size=$(value_of updater-size)
  { [ "$(head -n 1 "$work/statement")" = mailstead-agent-release ] && [ "$(value_of platform)" = "$platform" ] &&
    printf '%s\n' "$version" | grep -Eqx '[0-9A-Za-z.-]+' && printf '%s\n' "$file" | grep -Eqx '[0-9A-Za-z.-]+/[0-9A-Za-z.-]+\.gz' &&
    printf '%s\n' "$sha256" | grep -Eqx '[0-9a-f]{64}' && printf '%s\n' "$size" | grep -Eqx '[0-9]{1,10}' &&
    printf '%s\n' "$number" | grep -Eqx '[0-9]{1,15}' && printf '%s\n' "$updater_file" | grep -Eqx '[0-9A-Za-z.-]+/[0-9A-Za-z.-]+' &&
    printf '%s\n' "$updater_sha256" | grep -Eqx '[0-9a-f]{64}' && printf '%s\n' "$updater_size" | grep -Eqx '[0-9]{1,6}'; } ||
    refuse "The release at $control_url is not one for $platform."
  [ "$token" != update ] || [ "$number" -ge "$(number_of $updater_state/seen number)" ] ||
    refuse "The agent at $control_url is older than one that this host has seen."
}

refuse_key() {
  refuse "The key at $control_url is not the one that $pinned_by: this is not the control plane that $pinned_when, or somebody stands in between."
}

# By this name the control plane keeps what a key has signed.
id_of() { printf %s "$1" | openssl base64 -d -A | sha256sum | cut -d ' ' -f 1; }

# Splits a signed text into $3 and its signature, which must be by the key.
is_signed_by() { # raw key, signed, text
  sed '$d' "$2" >"$3"
  sed -n '$s/^signature //p' "$2" | openssl base64 -d -A -out "$work/signature"
  { printf '\060\052\060\005\006\003\053\145\160\003\041\000' && printf %s "$1" | openssl base64 -d -A; } >"$work/signer.der"
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/signer.der" -rawin -in "$3" -sigfile "$work/signature" >/dev/null 2>&1
}

fact_of() { sed -n "s/^$2 //p" "$1" 2>/dev/null | head -n 1; }

number_of() {
  fact=$(fact_of "$1" "$2")
  case $fact in '' | *[!0-9]*) printf 0 ;; *) printf %s "$fact" ;; esac
}

value_of() { fact_of "$work/statement" "$1"; }

fetch_agent() {
  fetch "/releases/$file" "$work/agent.gz" "$size"
  printf '%s  %s\n' "$sha256" "$work/agent.gz" | sha256sum -c --status ||
    refuse "The agent arrived damaged or was changed on its way; run the command again."
  fetch "/releases/$updater_file" "$work/updater" "$updater_size"
  printf '%s  %s\n' "$updater_sha256" "$work/updater" | sha256sum -c --status ||
    refuse "The updater arrived damaged or was changed on its way; run the command again."
}

# --- from here on the host changes ---

# All that needs room on a disk is written before the token is spent.
stage_agent() {
  staged=$versions/.install-$version
  { rm -rf "$staged" && mkdir -p "$staged" && gzip -dc "$work/agent.gz" >"$staged/mailstead-agent" &&
    cp "$work/updater" "$staged/mailstead-updater" && chmod 0755 "$staged"/* && printf '%s\n' "$sha256" >"$staged/archive-sha256" &&
    write_settings >"$staged/settings" && printf 'version %s\nnumber %s\n' "$version" "$number" >"$staged/installed" &&
    printf 'sequence %s\nnumber %s\n' "$sequence" "$number" >"$staged/seen" &&
    write_unit >"$staged_unit"; } 2>"$work/problem" ||
    refuse "The agent cannot be written to this host ($(tail -n 1 "$work/problem"))."
}

enrol() {
  url=$control_url
  case $url in
    # The key is pinned by the token, so http endangers only the token itself; the operator chose it by the address.
    http:*) url="$url#plain-http" ;;
  esac
  "$staged/mailstead-agent" enrol --token "$token" --url "$url" 2>"$work/problem" || {
    sentence=$(cat "$work/problem")
    refuse "${sentence:-The agent could not enrol this host.}"
  }
  cat "$work/problem" >&2
}

start_agent() {
  in_order \
    "rm -rf $versions/$version && mv $staged $versions/$version" \
    "$(point mailstead-agent)" \
    "$(point mailstead-updater)" \
    "mkdir -p ${updater_settings%/*} $updater_state && rm -f $updater_state/pending $updater_state/request" \
    "mv $versions/$version/installed $updater_state/installed" \
    "mv $versions/$version/seen $updater_state/seen" \
    "mv $versions/$version/settings $updater_settings" \
    "ln -sfn $folder/mailstead-agent $command_link" \
    "mv $staged_unit $unit_file" \
    'systemctl daemon-reload' \
    'systemctl enable --quiet mailstead-agent.service' \
    'systemctl restart mailstead-agent.service' \
    "$folder/mailstead-updater place"
}

point() {
  printf '%s\n' "ln -sfn versions/$version/$1 $folder/$1.new && mv -T $folder/$1.new $folder/$1"
}

# Whose agents this host takes from now on: the updater reads it and needs nothing of the agent.
write_settings() {
  printf 'control-url %s\nroot-key %s\nchannel stable\n' "$control_url" "$root_key"
}

# The token is spent by now, so whoever meets a step that fails is told how to go on without another.
in_order() {
  while [ $# -gt 0 ]; do
    sh -c "$1" || break
    shift
  done
  [ $# -gt 0 ] || return 0
  left=$1
  shift
  for step; do left="$left && $step"; done
  printf 'This host is enrolled and needs no other token, but its agent does not run; put right what stands above or in journalctl -u mailstead-agent, then run: %s\n' "$left" >&2
  exit 1
}

# An executable takes 110 MiB, and nothing leads to those of other versions any more, nor to where they lay before.
remove_old_versions() {
  rm -f "$folder"/agent-* || true
  for old in "$versions"/*; do
    [ "$old" = "$versions/$version" ] || rm -rf "$old" || true
  done
}

write_unit() {
  cat <<'UNIT'
[Unit]
Description=Mailstead agent
Documentation=file:/usr/lib/mailstead
Wants=network-online.target
# At boot it looks at the mail stack once that runs, and not at one that is about to.
After=network-online.target postfix.service postfix@-.service

[Service]
ExecStart=/usr/lib/mailstead/mailstead-agent run
Restart=always
RestartSec=2
TimeoutStopSec=15
KillMode=mixed
LimitCORE=0
OOMScoreAdjust=-200
# An agent is idle nearly always, and on a busy host it reads a little again and again. A heap that is collected early and
# code that is not compiled a second time keep it small in both, and neither a converge nor a reading is slower.
Environment=BUN_JSC_forceRAMSize=33554432 BUN_JSC_useDFGJIT=0 MIMALLOC_PURGE_DELAY=0

# The agent writes configuration of the mail stack and asks systemd to do the rest; apt and the checks of a new
# configuration run in units of their own. Below /usr it writes only its own folder and the stack's small programs.
# What is missing here, and why: docs/runbooks/agent.md of Mailstead.
NoNewPrivileges=true
ProtectSystem=true
ReadWritePaths=/usr/lib/mailstead /usr/local/lib
# Of the homes it sees only what shows when root last made a backup, and that without a way to change it.
ProtectHome=tmpfs
BindReadOnlyPaths=-/root/.config/borg/security -/root/.cache/restic -/root/.cache/duplicity
PrivateTmp=true
PrivateDevices=true
ProtectClock=true
ProtectControlGroups=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
LockPersonality=true
RestrictRealtime=true
RestrictNamespaces=true
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=~@clock @cpu-emulation @debug @module @mount @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM
CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_PACCT CAP_SYS_TTY_CONFIG CAP_SYS_CHROOT CAP_SYSLOG CAP_MKNOD CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_NET_ADMIN CAP_NET_RAW CAP_NET_BROADCAST CAP_NET_BIND_SERVICE CAP_LINUX_IMMUTABLE CAP_LEASE CAP_BPF CAP_PERFMON CAP_CHECKPOINT_RESTORE CAP_AUDIT_CONTROL CAP_AUDIT_READ

[Install]
WantedBy=multi-user.target
UNIT
}

main "$@"
