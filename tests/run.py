"""Runs trial on the given names and closes with one plain line: N passed, N failed, N skipped."""

import re
import subprocess
import sys


def main(names: list[str]) -> int:
    """Run the tests; trial's exit status."""
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", "twisted.trial", "--reporter=verbose", *names]
    counts: dict[str, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as trial:
        assert trial.stdout is not None
        for line in trial.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if re.match(r"(PASSED|FAILED)( \(|$)", line):
                counts = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}
    passed = counts.get("successes", 0) + counts.get("expectedFailures", 0)
    failed = counts.get("failures", 0) + counts.get("errors", 0) + counts.get("unexpectedSuccesses", 0)
    print(f"{passed} passed, {failed} failed, {counts.get('skips', 0)} skipped")
    return trial.returncode if trial.returncode else int(passed == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
