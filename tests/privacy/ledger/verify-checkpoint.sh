#!/bin/sh
# verify-checkpoint.sh CHECKPOINT LEAVES LEDGER_KEY [WITNESS_KEY...]: checks the signature of every key, and the root of
# the tree over the first leaves, one a line; ends with OK, or with a reason and status 1. Printed in docs/ledger.md.
# Linux: sh, the GNU core utilities, xxd, openssl 3.
set -eu
test $# -ge 3 || { echo "usage: verify-checkpoint.sh CHECKPOINT LEAVES LEDGER_KEY [WITNESS_KEY...]" >&2; exit 2; }
no() { echo "NOT VERIFIED: $1" >&2; exit 1; }
checkpoint=$1
leaves=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

head -n 3 "$checkpoint" > "$work/text"               # origin, size, root; then an empty line and the signatures
test "$(sed -n 4p "$checkpoint" | wc -c)" -eq 1 || no "no checkpoint of three lines"
tail -n +5 "$checkpoint" > "$work/lines"
test "$(head -n 1 "$work/text")" = "${1%%+*}" || no "a checkpoint of another ledger than the key's"

for key; do                                          # name+hash+key; the key may have plus signs of its own
  name=${key%%+*} rest=${key#*+}
  hash=${rest%%+*}
  printf %s "${rest#*+}" | base64 -d > "$work/key"   # a byte for the algorithm, then the public key
  test "$({ printf '%s\n' "$name"; cat "$work/key"; } | sha256sum | head -c 8)" = "$hash" || no "$name: no verifier key"

  found=''
  while IFS=' ' read -r dash who value; do
    test "$dash $who" = "— $name" || continue
    test "$(printf %s "$value" | base64 -d | head -c 4 | xxd -p)" != "$hash" || found=$value
  done < "$work/lines"
  test -n "$found" || no "$name has not signed it"
  printf %s "$found" | base64 -d > "$work/value"
  test "$(base64 -w 0 "$work/value")" = "$found" || no "$name: another spelling of base64"

  case $(head -c 1 "$work/key" | xxd -p) in
    01) tail -c +5 "$work/value" > "$work/signature"
        cp "$work/text" "$work/signed" ;;
    04) tail -c +13 "$work/value" > "$work/signature"
        time=$((0x$(tail -c +5 "$work/value" | head -c 8 | xxd -p)))
        { printf 'cosignature/v1\ntime %d\n' "$time"; cat "$work/text"; } > "$work/signed"
        echo "$name: at $(date -u -d "@$time" +%Y-%m-%dT%H:%M:%SZ)" ;;
    *) no "$name: an algorithm that is not known here" ;;
  esac
  { printf '302a300506032b6570032100' | xxd -r -p; tail -c +2 "$work/key"; } > "$work/key.der"
  openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin \
    -in "$work/signed" -sigfile "$work/signature" > "$work/said" 2>&1 || no "the signature of $name is wrong"
  echo "$name: signature good"
done

size=$(sed -n 2p "$work/text")                       # leaves that came later are not its concern
head -n "$size" "$leaves" > "$work/leaves"
while IFS= read -r leaf; do
  { printf '\000'; printf %s "$leaf"; } | sha256sum | head -c 64
  echo
done < "$work/leaves" > "$work/level"
test "$(wc -l < "$work/level")" -eq "$size" || no "there are fewer leaves than its $size"
while test "$(wc -l < "$work/level")" -gt 1; do      # pairs become nodes; the last one of an odd level goes up as it is
  while read -r left; do
    if read -r right; then
      printf '01%s%s' "$left" "$right" | xxd -r -p | sha256sum | head -c 64
      echo
    else
      echo "$left"
    fi
  done < "$work/level" > "$work/above"
  mv "$work/above" "$work/level"
done
test "$(xxd -r -p "$work/level" | base64)" = "$(sed -n 3p "$work/text")" || no "the root is not that of these leaves"
cat "$work/text"
echo OK
