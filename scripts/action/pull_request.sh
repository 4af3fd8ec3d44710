# Applies the fixes, and offers what enrich changed as one pull request from a branch of its own. The checkout's branch
# and index stay as they are. What GitHub does not allow is a warning: the findings are reported anyway.

export GIT_INDEX_FILE="$FOLDER/index"
export GIT_AUTHOR_NAME='github-actions[bot]' GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'
export GIT_COMMITTER_NAME="$GIT_AUTHOR_NAME" GIT_COMMITTER_EMAIL="$GIT_AUTHOR_EMAIL"
title='Update metadata and links'
body="$reports/pull-request.md"

warn() {
  echo "::warning::$1"
  exit 0
}

hub() {
  GH_TOKEN="$TOKEN" GH_ENTERPRISE_TOKEN="$TOKEN" gh "$@" --repo "${GITHUB_SERVER_URL#*://}/$GITHUB_REPOSITORY"
}

case "$CODE" in 0 | 1 | 3) ;; *) exit 0 ;; esac
lines_of "$CATALOG"
catalogs=("${lines[@]}")
flags=(--cache-dir "$FOLDER/cache")
lines_of "$ARGUMENTS"
previous=''
for line in ${lines[@]+"${lines[@]}"}; do
  case "$line" in --config=* | --history=*) flags+=("$line") ;; esac
  case "$previous" in --config | --history) flags+=("$previous=$line") ;; esac
  previous="$line"
done
: > "$reports/fixed.txt"
if [ "$FIX" = true ]; then
  enrich fix "${flags[@]}" -- "${catalogs[@]}" | tee "$reports/fixed.txt" || echo "::warning::enrich fix failed; see the log."
fi
lines_of "$RENDER"
if [ "${#lines[@]}" -gt 0 ]; then
  # Each file has a catalog beside it, unless there is only one.
  flags=()
  if [ "${#catalogs[@]}" = 1 ] && [ -f "${catalogs[0]}" ]; then flags=("--catalog=${catalogs[0]}"); fi
  enrich render ${flags[@]+"${flags[@]}"} -- "${lines[@]}" || echo "::warning::enrich render failed; see the log."
fi

git read-tree HEAD
git diff --name-only -z "$BEFORE" > "$FOLDER/changed"
if [ -s "$FOLDER/changed" ]; then git add --pathspec-from-file="$FOLDER/changed" --pathspec-file-nul; fi
for file in "${catalogs[@]}" enrich.toml; do
  if [ -f "$file" ] && ! git check-ignore --quiet -- "$file"; then git add -- "$file"; fi
done
tree="$(git write-tree)"
if [ "$tree" = "$(git rev-parse 'HEAD^{tree}')" ]; then
  echo "Nothing to offer: no file changed."
  exit 0
fi

if ! command -v gh > /dev/null; then warn "No pull request: the runner has no \`gh\`."; fi
old=''
if from_remote fetch --quiet --no-tags --depth=1 origin "refs/heads/$BRANCH" 2> /dev/null; then
  old="$(git rev-parse FETCH_HEAD)"
  if [ "$(git log -1 --format=%ce "$old")" != "$GIT_COMMITTER_EMAIL" ]; then
    warn "The branch $BRANCH has commits of others, which stay: merge or delete it to get the next pull request."
  fi
fi
if ! known="$(hub pr list --head "$BRANCH" --base "$GITHUB_REF_NAME" --state all --limit 1 --json number,state,url \
  --jq '.[] | "\(.state) \(.number) \(.url)"')"; then
  warn "No pull request: GitHub did not list them. The job needs the permission \`pull-requests: write\`."
fi
read -r state number url <<< "$known"
if [ -n "$old" ] && [ "$tree" = "$(git rev-parse "$old^{tree}")" ] && [ -n "$state" ]; then
  echo "Nothing new to offer: $url ($state) has the same changes."
  echo "pull-request-url=$url" >> "$GITHUB_OUTPUT"
  exit 0
fi
commit="$(git commit-tree "$tree" -p HEAD -m "$title")"
# Each night's state replaces the last, unless somebody pushed in the meantime.
if ! from_remote push --quiet --force-with-lease="refs/heads/$BRANCH:$old" origin "$commit:refs/heads/$BRANCH"; then
  warn "No pull request: the branch $BRANCH could not be pushed. The job needs the permission \`contents: write\`."
fi

{
  for file in "${catalogs[@]}"; do
    if [ -f "$file" ] && ! git cat-file -e "HEAD:./$file" 2> /dev/null; then
      printf 'The catalog is new. Merge this, and later runs add what is new in the lists.\n\n'
      break
    fi
  done
  cat "$reports/filled.md"
  "$BIN/python" -I -X utf8 "$GITHUB_ACTION_PATH/scripts/action/notes.py" "$reports"
  if grep -q -- ' -> ' "$reports/fixed.txt"; then
    printf '\n### Replaced\n\n'
    # Indented: whatever a URL holds stays code.
    grep -- ' -> ' "$reports/fixed.txt" | head -n 100 | cut -c 1-300 | sed 's/^/    /'
  fi
  printf '\n### Files\n\n'
  git diff --stat=100 HEAD "$tree" | head -n 50 | sed 's/^/    /'
  printf '\nThe [run](%s) has the whole report.' "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
  printf ' This branch is rewritten by the next run; push no commits to it.\n'
  printf '\nGitHub starts no checks for a pull request that a workflow made: close and reopen it to start them.\n'
} > "$body"
if [ "$state" = OPEN ]; then
  hub pr edit "$number" --title "$title" --body-file "$body" > /dev/null || warn "The text of $url could not be updated."
  echo "Updated $url"
elif url="$(hub pr create --head "$BRANCH" --base "$GITHUB_REF_NAME" --title "$title" --body-file "$body")"; then
  echo "Opened $url"
else
  warn "The branch $BRANCH is pushed, but GitHub did not open a pull request. The job needs \`pull-requests: write\`, and Settings > Actions > General must allow GitHub Actions to create pull requests."
fi
echo "pull-request-url=$url" >> "$GITHUB_OUTPUT"
