# What several steps share.

reports="$FOLDER/reports"

enrich() {
  "$BIN/python" -I -X utf8 -m enrich "$@"
}

# The lines of an input that are not empty, without the space around them, into the array `lines`.
lines_of() {
  local line
  lines=()
  while IFS= read -r line; do
    line="${line#"${line%%[![:space:]]*}"}"
    line="${line%"${line##*[![:space:]]}"}"
    if [ -n "$line" ]; then lines+=("$line"); fi
  done <<< "$1"
}

# git with the step's token as the password, whatever the checkout kept; nothing is written to a configuration.
from_remote() {
  GH_TOKEN="$TOKEN" GH_ENTERPRISE_TOKEN="$TOKEN" \
    git -c credential.helper= -c "credential.helper=!gh auth git-credential" "$@"
}
