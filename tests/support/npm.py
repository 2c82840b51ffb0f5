"""Packages of npm's registry, in a folder of their own."""
import os
import re
import subprocess


def environment(folder, **more):
    return {**os.environ, "HOME": folder, "npm_config_cache": folder + "/cache", "npm_config_update_notifier": "false",
            **more}


def fetched(folder, *names):
    """Installs packages; False where the registry is not to be reached."""
    made = subprocess.run(["npm", "install", "--no-audit", "--no-fund", *names], cwd=folder, env=environment(folder),
                          capture_output=True, check=False)
    unreached = re.search(rb"E(NOTFOUND|CONNREFUSED|CONNRESET|AI_AGAIN|TIMEDOUT|NETUNREACH|401|403)\b", made.stderr)
    assert made.returncode == 0 or unreached, made.stderr[-3000:]
    return made.returncode == 0
