"""Writes the shell steps of a CI file as step.0, step.1 and so on, and its variables as assignments
of the shell in `variables`: ci_steps.py github|gitlab FILE.

Fails when the file is not what the service's parser takes: keys that it does not know, a step that is
no command. Only what the examples use is known here."""
import shlex
import sys

import yaml


def only(what, mapping, known):
    unknown = set(mapping) - set(known.split())
    assert not unknown, f"{what}: unknown {unknown}"


def github(document):
    # YAML 1.1 reads the key `on` as true.
    only("workflow", {str(key) for key in document}, "name True permissions env jobs")
    assert document[True] and isinstance(document["permissions"], dict)
    (job,) = document["jobs"].values()
    only("job", job, "runs-on env steps")
    for step in job["steps"]:
        only("step", step, "name if run uses with env")
        assert ("run" in step) != ("uses" in step), step
        if "run" in step:
            yield step["run"]
        else:
            assert step["uses"].count("@") == 1, step
            only(step["uses"], step.get("with", {}), "sarif_file category name path")
    sarif = [step["with"]["sarif_file"] for step in job["steps"] if "upload-sarif" in step.get("uses", "")]
    assert sarif == ["leak.sarif"]


def gitlab(document):
    (job,) = document.values()
    only("job", job, "stage image variables before_script script artifacts")
    only("artifacts", job["artifacts"], "when paths reports")
    assert job["artifacts"]["when"] == "always"  # the default is on_success: no report of a leak
    assert job["artifacts"]["reports"] == {"codequality": "gl-code-quality-report.json", "junit": "leak.xml"}
    assert all(isinstance(value, str) for value in job["variables"].values())
    for line in job["before_script"] + job["script"]:
        assert isinstance(line, str), f"no command: {line}"
        yield line


service, name = sys.argv[1:]
with open(name, encoding="utf-8") as file:
    document = yaml.safe_load(file)
if service == "github":
    variables, steps = document["env"], github(document)
else:
    variables, steps = document["leaks"]["variables"], gitlab(document)
for number, step in enumerate(steps):
    with open(f"step.{number}", "w", encoding="utf-8") as file:
        file.write(step + "\n")
with open("variables", "w", encoding="utf-8") as file:
    for name, value in variables.items():
        file.write(f"{name}={shlex.quote(value)}\n")
