# Installs enrich from the action's own files into an environment of its own; says where, and where its folder is.
# Sourced by a step of action.yml, as all files here are: the runner signals the step's own shell and no other process.
# They run in bash 3.2, too, which macOS has.

# Forward slashes are good for bash and for Windows' own programs.
home="${RUNNER_TEMP//\\//}/enrich"
# -I: the working directory is the list's checkout, and none of its modules may run. pip starts further interpreters
# without it, which must not look where the job's PYTHONPATH leads.
for variable in "${!PYTHON@}"; do
  if [ "$variable" != PYTHON ]; then unset "$variable"; fi
done
"$PYTHON" -I -m venv "$home/venv"
bin="$home/venv/bin"
if [ -d "$home/venv/Scripts" ]; then bin="$home/venv/Scripts"; fi
"$bin/python" -I -m pip install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH"
name="$(printf '%s' "$CATALOG" | tr -c 'A-Za-z0-9' '-' | cut -c 1-100)"
{
  echo "bin=$bin"
  echo "name=$name"
  echo "folder=$home/$name"
} >> "$GITHUB_OUTPUT"
