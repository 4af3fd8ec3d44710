# Merges the lists into the catalog, runs enrich, and says what came out.

rm -rf "$reports"
mkdir -p "$reports"
lines_of "$CATALOG"
catalogs=("${lines[@]}")
lines_of "$LISTS"
if [ "${#lines[@]}" -gt 0 ]; then
  code=0
  if [ "${#catalogs[@]}" = 1 ]; then
    enrich import --mirror "--output=${catalogs[0]}" -- "${lines[@]}" || code=$?
  else
    echo "The input \`lists\` needs exactly one catalog; name the lists in the catalogs instead (\`lists: [README.md]\`)."
    code=2
  fi
  if [ "$code" != 0 ]; then
    echo "exit-code=$code" >> "$GITHUB_OUTPUT"
    exit 0
  fi
fi
# What changes over time is kept where the answers are, for the dashboard.
export ENRICH_RESULTS="${ENRICH_RESULTS:-$FOLDER/cache/results.sqlite}"
flags=(--no-progress --cache-dir "$FOLDER/cache")
for file in json=report.json markdown=report.md html=report.html sarif=report.sarif junit=report.xml \
  filled=filled.md badge=badge.json github=annotations.txt; do
  flags+=(--report "${file%%=*}=$reports/${file#*=}")
done
if [ "$ONLY_MISSING" = true ]; then flags+=(--only-missing); fi
if [ "$OPEN_ISSUE" = true ]; then flags+=(--open-issue); fi
if [ "$REVIEW" = true ]; then flags+=(--dry-run); fi
if [ -n "$SINCE" ]; then flags+=(--since "$SINCE"); fi
if [ -n "$DEADLINE" ]; then flags+=(--deadline "$DEADLINE"); fi
if [ -n "$FAIL_ON" ]; then flags+=(--fail-on "$FAIL_ON"); fi
while IFS= read -r flag; do
  if [ -n "$flag" ]; then flags+=("$flag"); fi
done <<< "$ARGUMENTS"
# The runner signals this shell alone, and kills it ten seconds later: enrich must hear of it at once.
"$BIN/python" -I -X utf8 -m enrich run "${flags[@]}" -- ${catalogs[@]+"${catalogs[@]}"} &
enrich=$!
trap 'again=1; kill -INT "$enrich" 2> /dev/null || true' INT
trap 'again=1; kill -TERM "$enrich" 2> /dev/null || true' TERM
# A signal ends the wait, not enrich.
while again=0 code=0; wait "$enrich" || code=$?; [ "$again" = 1 ]; do :; done
echo "exit-code=$code" >> "$GITHUB_OUTPUT"
if [ ! -s "$reports/report.json" ]; then exit 0; fi
if [ -s "$reports/annotations.txt" ]; then cat "$reports/annotations.txt"; fi
# GitHub takes 1 MiB of summary from a step.
if [ ! -s "$reports/report.md" ]; then
  echo "The report could not be written; see the log of the step." >> "$GITHUB_STEP_SUMMARY"
elif [ "$(wc -c < "$reports/report.md")" -lt 1000000 ]; then
  cat "$reports/report.md" >> "$GITHUB_STEP_SUMMARY"
else
  echo "The report is too long to show here; see the artifact of the run." >> "$GITHUB_STEP_SUMMARY"
fi
"$BIN/python" -I -X utf8 "$GITHUB_ACTION_PATH/scripts/action/outputs.py" "$reports" >> "$GITHUB_OUTPUT"
if [ "$REVIEW" != true ] && "$BIN/python" -I -X utf8 -m enrich site --quiet --cache-dir "$FOLDER/cache" \
  -o "$reports/site" -- ${catalogs[@]+"${catalogs[@]}"}; then
  echo "site=$reports/site" >> "$GITHUB_OUTPUT"
fi
