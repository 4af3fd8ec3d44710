# Turns enrich's exit code into the job's.

case "$CODE" in
  0) ;;
  1)
    if [ "$FAIL_JOB" = true ]; then
      echo "::error::The report has findings that fail the job; see the summary."
      exit 1
    fi
    ;;
  3) echo "::warning::Not everything could be checked, or the issue could not be updated; see the log and the report." ;;
  130)
    echo "::error::enrich was interrupted; the report covers what was checked so far."
    exit 130
    ;;
  *)
    echo "::error::enrich could not run (exit code $CODE); see the log of the previous step."
    exit "$CODE"
    ;;
esac
