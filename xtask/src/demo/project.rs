//! [`Project`]: a scratch repository with a bug, and the script of a model that mends it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use codex_fixtures::{CodexSettings, Reply, Script};

use crate::process::command;

const GREET: &str = "#!/bin/sh\n# Greets whoever is named.\necho \"Hello, $2!\"\n";
const TEST: &str = "#!/bin/sh
# Fails unless greet.sh greets who is named. It takes its time, as tests do, and leaves a report.
sleep 1
greeting=$(sh greet.sh Ada)
mkdir -p report
if [ \"$greeting\" != \"Hello, Ada!\" ]; then
    echo \"FAILED: expected 'Hello, Ada!', got '$greeting'\"
    echo '<testsuite><testcase name=\"greeting\"><failure/></testcase></testsuite>' > report/junit.xml
    exit 1
fi
echo \"ok: $greeting\"
echo '<testsuite><testcase name=\"greeting\"/></testsuite>' > report/junit.xml
";
const SETTINGS: &str = "# Run after each turn; what the report says becomes part of the record.
[tests]
command = \"sh test.sh\"
report = \"report/junit.xml\"
";
const PATCH: &str = "*** Begin Patch
*** Update File: greet.sh
@@
 # Greets whoever is named.
-echo \"Hello, $2!\"
+echo \"Hello, $1!\"
*** End Patch
";
/// A model thinks before it answers.
const THOUGHT: Duration = Duration::from_millis(600);

/// Lies below one folder, which each demo makes anew.
pub(crate) struct Project {
    folder: PathBuf,
    codex_home: PathBuf,
}

impl Project {
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let project = Self { folder: folder.to_owned(), codex_home: folder.join("codex-home") };
        for folder in [&project.repository(), &project.codex_home, &project.state_home(), &project.home()] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let files = [
            ("greet.sh", GREET),
            ("test.sh", TEST),
            ("codex-turns.toml", SETTINGS),
            (".gitignore", "report/\n"),
        ];
        for (name, text) in files {
            fs::write(project.repository().join(name), text)
                .with_context(|| format!("cannot write {name}"))?;
        }
        project.git(&["init", "--quiet"])?;
        project.git(&["add", "."])?;
        project.git(&["commit", "--quiet", "--message", "a greeting, with a bug"])?;
        Ok(project)
    }

    /// Points Codex at the scripted model, as a user's own configuration would point it elsewhere.
    pub(crate) fn configure(&self, settings: &CodexSettings) -> Result<()> {
        let model = format!("model = \"{}\"", settings.model);
        let others = settings.config.iter().map(|(key, value)| format!("{key} = {value}"));
        // Current models get the tool for plans only on request.
        let plans = "tools.update_plan.enabled = true".to_owned();
        let config: Vec<String> =
            std::iter::once(model).chain(others).chain([plans, String::new()]).collect();
        let path = self.codex_home.join("config.toml");
        fs::write(&path, config.join("\n")).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.join("project")
    }

    pub(crate) fn codex_home(&self) -> &Path {
        &self.codex_home
    }

    pub(crate) fn state_home(&self) -> PathBuf {
        self.folder.join("state")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub(crate) fn result_file(&self) -> PathBuf {
        self.folder.join("result.json")
    }

    pub(crate) fn diff(&self) -> Result<String> {
        self.git(&["diff"])
    }

    /// Whoever runs this may have no name for git yet, or hooks and signatures that it must not ask for.
    fn git(&self, arguments: &[&str]) -> Result<String> {
        let settings = [
            "user.name=demo",
            "user.email=demo@localhost",
            "commit.gpgsign=false",
            "core.hooksPath=/dev/null",
        ];
        let mut git = command("git");
        git.current_dir(self.repository()).env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
        for setting in settings {
            git.args(["-c", setting]);
        }
        let output = git.args(arguments).output().context("cannot start git: install git 2.30 or later")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "git {} failed: {}", arguments.join(" "), complaint.trim());
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// What the model answers, call after call.
pub(crate) fn script() -> Script {
    let plan = |states: [&str; 3]| {
        let steps = ["Run the test", "Mend the script", "Run the test again"];
        let steps: Vec<(&str, &str)> = steps.into_iter().zip(states).collect();
        Reply::new().delay(THOUGHT).plan(&steps)
    };
    Script::new([
        plan(["in_progress", "pending", "pending"]).exec("sh test.sh"),
        Reply::new()
            .delay(THOUGHT)
            .message("`greet.sh` greets the second argument. The name is the first.")
            .patch(PATCH),
        plan(["completed", "completed", "in_progress"]).exec("sh test.sh"),
        plan(["completed", "completed", "completed"]),
        Reply::new().delay(THOUGHT).message(
            "`test.sh` passes now. `greet.sh` used `$2`, the second argument, where the name is the first; \
             it uses `$1`.",
        ),
    ])
}
