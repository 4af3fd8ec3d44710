# Decides what this event allows: a pull request is reviewed, any other event is a night on which an issue and a pull
# request are kept. In a fork, and without a token, nothing is offered.

review=false since='' issue="$OPEN_ISSUE" pull_request="$PULL_REQUEST" fail_on="$FAIL_ON" fail_job="$FAIL_JOB"
case "$GITHUB_EVENT_NAME" in
  pull_request | pull_request_target | merge_group) review=true ;;
esac
if [ "$review" = true ]; then
  issue=false pull_request=false
  if [ -z "$fail_on" ]; then fail_on=new; fi
  if [ -z "$fail_job" ]; then fail_job=true; fi
  # Only the entries that differ from the base are looked at.
  if [ -z "$BASE" ]; then
    echo "::notice::The event names no base; all entries are checked."
  elif git cat-file -e "$BASE^{commit}" 2> /dev/null || from_remote fetch --quiet --no-tags --depth=1 origin "$BASE"; then
    since="$BASE"
  else
    echo "::warning::The base commit $BASE could not be fetched; all entries are checked."
  fi
elif [ "$FORK" = true ] || [ -z "$TOKEN" ]; then
  if [ "$issue" = true ] || [ "$pull_request" = true ]; then
    echo "::notice::No issue and no pull request: this is a fork, or there is no token."
  fi
  issue=false pull_request=false
elif [ "$GITHUB_REF_TYPE" != branch ]; then
  pull_request=false
fi
# With an issue the findings have a place; the job is red where they have none, or where somebody asked for it.
if [ -z "$fail_job" ]; then
  fail_job=true
  if [ "$issue" = true ] && [ -z "$fail_on" ]; then fail_job=false; fi
fi
# A run on another branch must not replace what is offered to the default one.
branch="$BRANCH"
if [ -n "$DEFAULT_BRANCH" ] && [ "$GITHUB_REF_NAME" != "$DEFAULT_BRANCH" ]; then
  branch="$BRANCH-$(printf '%s' "$GITHUB_REF_NAME" | tr -c 'A-Za-z0-9._-' '-')"
fi
before=''
if [ "$pull_request" = true ]; then
  # What the job changed before this action is not the action's to offer.
  if ! before="$(export GIT_INDEX_FILE="$FOLDER/index" && git read-tree HEAD && git add --update && git write-tree)"; then
    echo "::warning::No pull request: the working directory is not a Git checkout."
    pull_request=false
  fi
fi
{
  echo "review=$review"
  echo "since=$since"
  echo "open-issue=$issue"
  echo "pull-request=$pull_request"
  echo "fail-on=$fail_on"
  echo "fail-job=$fail_job"
  echo "branch=$branch"
  echo "before=$before"
} >> "$GITHUB_OUTPUT"
