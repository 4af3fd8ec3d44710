#!/usr/bin/env bash
# Makes the GitHub release of the tag GITHUB_REF_NAME, with the files in dist/, and moves the tag of its major version,
# which workflows use (`uses: OWNER/enrich@v1`), unless it is a pre-release. Needs GH_TOKEN.
set -euo pipefail
tag="$GITHUB_REF_NAME"
notes="$RUNNER_TEMP/notes.md"
python3 scripts/release.py notes "$tag" > "$notes"
flags=(--title "$tag" --notes-file "$notes" --verify-tag)
if [[ "$tag" =~ (a|b|rc)[0-9]+$ ]]; then
  gh release create "$tag" dist/* "${flags[@]}" --prerelease
  exit 0
fi
gh release create "$tag" dist/* "${flags[@]}"
refs="repos/$GITHUB_REPOSITORY/git/refs"
major="${tag%%.*}"
if gh api "repos/$GITHUB_REPOSITORY/git/ref/tags/$major" > /dev/null 2>&1; then
  gh api --silent --method PATCH "$refs/tags/$major" --field sha="$GITHUB_SHA" --field force=true
else
  gh api --silent --method POST "$refs" --field ref="refs/tags/$major" --field sha="$GITHUB_SHA"
fi
