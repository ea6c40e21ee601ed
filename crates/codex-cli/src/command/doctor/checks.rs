//! Everything that is looked at, in the order in which a turn needs it.

use std::env;
use std::path::Path;
use std::time::Duration;

use codex_exec::{
    CodexHome, CommandSpec, Found, HomeEnvironment, Invocation, InvocationError, LoginState, Program,
    ProgramError, RunCommand as _, StateDir, SystemCommands, TESTED,
};
use codex_ledger::git::GitVersion;
use codex_protocol::with_causes;
use codex_runner::{Environment, FILE_NAME, LayerQuestion, Project, ProjectBuilder, layer_limits};
use tokio_util::sync::CancellationToken;

use super::check::Probe;
use super::sandbox;
use crate::arguments::DoctorArguments;
use crate::failure::CliError;
use crate::setup;
use crate::version_notice::outside;

/// How long a question to another program may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks at everything.
pub(super) async fn all(arguments: &DoctorArguments) -> Vec<Probe> {
    let mut checks = Vec::new();
    match setup::program(arguments.codex.as_ref()) {
        Ok(program) => {
            checks.push(Probe::ok("codex", found(&program)));
            checks.push(version(&program).await);
        }
        Err(failure) => checks.push(missing(&failure)),
    }
    checks.extend(home(arguments.codex_home.as_deref()));
    checks.push(git().await);
    checks.push(repository(&arguments.dir));
    checks.extend(settings(arguments));
    checks.extend(project_layer(arguments));
    checks.push(sandbox::check(&SystemCommands::new()).await);
    checks.push(state());
    checks
}

/// Where nothing was found, the error itself says what to do.
fn missing(failure: &CliError) -> Probe {
    const NAME: &str = "codex";
    let sentence = failure.to_string();
    match (failure, sentence.split_once("; ")) {
        (CliError::Program(ProgramError::NotFound { .. }), Some((found, advice))) => {
            Probe::fail(NAME, found, advice)
        }
        _ => Probe::failed(NAME, failure),
    }
}

fn found(program: &Program) -> String {
    let path = program.path().display();
    match program.found() {
        Found::Given => format!("{path} (named by --codex)"),
        Found::CodexPath => format!("{path} (named by CODEX_PATH)"),
        Found::Path(folder) => format!("{path} (found on PATH in {})", folder.display()),
        _ => path.to_string(),
    }
}

async fn version(program: &Program) -> Probe {
    const NAME: &str = "version";
    match program.version().await {
        Ok(version) => match outside(&version) {
            None => Probe::ok(NAME, format!("{version}, within the tested releases ({TESTED})")),
            Some(sentence) => match sentence.split_once(": ") {
                Some((found, advice)) => Probe::warn(NAME, found, advice),
                None => Probe::warn(NAME, sentence, "use a tested release"),
            },
        },
        Err(error @ ProgramError::VersionUnknown { .. }) => {
            Probe::fail(NAME, with_causes(&error), "look whether the program runs at all: codex --version")
        }
        Err(error) => {
            Probe::fail(NAME, error.to_string(), "name the codex program with --codex or CODEX_PATH")
        }
    }
}

/// The folder, and who is logged in by it.
fn home(named: Option<&Path>) -> Vec<Probe> {
    const NAME: &str = "home";
    let Some(home) = CodexHome::resolve(named, &HomeEnvironment::from_process()) else {
        return vec![Probe::fail(NAME, "there is no home folder", "set HOME or CODEX_HOME")];
    };
    let path = home.path().display();
    let chosen = named.is_some() || env::var_os("CODEX_HOME").is_some_and(|home| !home.is_empty());
    let folder = if home.path().is_dir() {
        match tempfile::tempfile_in(home.path()) {
            Ok(_) => Probe::ok(NAME, path.to_string()),
            Err(error) => {
                let found = format!("{path} cannot be written to: {error}");
                Probe::fail(NAME, found, "Codex keeps its threads there: make it writable, or set CODEX_HOME")
            }
        }
    } else if chosen {
        Probe::fail(NAME, format!("{path} is not a directory"), "make it, Codex does not: mkdir -p")
    } else {
        Probe::ok(NAME, format!("{path} (Codex makes it at its first start)"))
    };
    vec![folder, login(&home)]
}

fn login(home: &CodexHome) -> Probe {
    const NAME: &str = "login";
    if Environment::of_process().api_key().is_some() {
        return Probe::ok(NAME, "the key in CODEX_API_KEY");
    }
    match home.login() {
        Ok(LoginState::ApiKey) => Probe::ok(NAME, "an API key is stored"),
        Ok(LoginState::ChatGpt) => Probe::ok(NAME, "a ChatGPT account"),
        Ok(LoginState::LoggedOut) => {
            Probe::fail(NAME, "nobody is logged in", "run `codex login`, or set CODEX_API_KEY")
        }
        Ok(_) => Probe::warn(
            NAME,
            "a login of an unknown form is stored",
            "if turns fail, run `codex login` again",
        ),
        Err(error) => {
            Probe::fail(NAME, format!("the login cannot be read: {error}"), "run `codex login` again")
        }
    }
}

async fn git() -> Probe {
    const NAME: &str = "git";
    let asked = Environment::of_process()
        .without_declared_secrets(CommandSpec::argv(["git", "--version"]).limit(LIMIT));
    match SystemCommands::new().run(asked, CancellationToken::new()).await {
        Ok(answer) if answer.succeeded() => git_of(answer.output.text().trim()),
        Ok(_) | Err(_) => Probe::warn(
            NAME,
            "git does not run",
            "install git, so that what an agent does can be seen and undone",
        ),
    }
}

/// Compares what git says of itself with the oldest release that records turns.
fn git_of(answer: &str) -> Probe {
    const NAME: &str = "git";
    match GitVersion::read(answer) {
        Some(version) if version < GitVersion::OLDEST => {
            let advice = format!("turns are not recorded: install git {} or later", GitVersion::OLDEST);
            Probe::warn(NAME, format!("{answer} is too old"), advice)
        }
        Some(_) | None => Probe::ok(NAME, answer),
    }
}

fn repository(dir: &Path) -> Probe {
    const NAME: &str = "repository";
    match Invocation::new("a prompt").cwd(dir).check() {
        Ok(()) => Probe::ok(NAME, format!("{} is in a git repository", dir.display())),
        Err(InvocationError::NotGitRepository { path, .. }) => Probe::warn(
            NAME,
            format!("{} is in no git repository", path.display()),
            "run turns in one, or with --skip-git-repo-check",
        ),
        Err(error) => Probe::fail(NAME, error.to_string(), "name a directory with --cd"),
    }
}

fn project(arguments: &DoctorArguments) -> ProjectBuilder {
    Project::builder(&arguments.dir, Environment::of_process()).trust(arguments.trust.given())
}

/// Whether the settings of the project count, if it has such as need trust.
fn settings(arguments: &DoctorArguments) -> Option<Probe> {
    const NAME: &str = "settings";
    let project = match project(arguments).open() {
        Ok(project) => project,
        Err(error) => return Some(Probe::failed(NAME, &error.into())),
    };
    let settings = project.settings();
    let keys: Vec<&str> = settings.ignored().iter().map(|claimed| claimed.key.as_str()).collect();
    if keys.is_empty() {
        let is_trusted = !settings.claimed.is_empty();
        return is_trusted.then(|| Probe::ok(NAME, format!("{FILE_NAME} is trusted")));
    }
    let ignored = format!("ignored in {FILE_NAME}: {}", keys.join(", "));
    Some(Probe::warn(NAME, ignored, project.decision().reason()))
}

/// Whether Codex reads what the project keeps for it, if there is such a thing.
fn project_layer(arguments: &DoctorArguments) -> Option<Probe> {
    const NAME: &str = "project";
    let limits = layer_limits(arguments.codex_home.as_deref());
    let question = LayerQuestion::new(&arguments.dir, limits);
    // What is wrong with the settings is said by their own check.
    let project = project(arguments).without_settings();
    let found = match project.layer(question) {
        Ok(found) => found,
        Err(error) => return Some(Probe::failed(NAME, &error.into())),
    };
    let (programs, refused) = &found.programs;
    let (instructions, off) = &found.instructions;
    let told =
        |names: &[String], word: &str| (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")));
    let words = if off.is_some() { "instructions off" } else { "instructions" };
    let instructions = told(instructions, words);
    let programs = told(programs, if refused.is_some() { "not read by Codex" } else { "programs" });
    let all = [programs, instructions].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let advice = refused.iter().chain(off).cloned().collect::<Vec<_>>().join("; ");
    match (all.is_empty(), advice.is_empty()) {
        (true, _) => None,
        (false, true) => Some(Probe::ok(NAME, all)),
        (false, false) => Some(Probe::warn(NAME, all, advice)),
    }
}

fn state() -> Probe {
    const NAME: &str = "state";
    let state = StateDir::for_user();
    let path = state.path().display();
    let usable = state.starts().and_then(|_| state.threads()).and_then(tempfile::tempfile_in);
    match usable {
        Ok(_) => Probe::ok(NAME, path.to_string()),
        Err(error) => Probe::fail(
            NAME,
            format!("{path} cannot be used: {error}"),
            "make it a directory of yours alone, or set XDG_STATE_HOME",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::doctor::check::Health;

    #[test]
    fn a_git_that_is_too_old_is_a_warning() {
        let old = git_of("git version 2.40.1");
        assert_eq!((old.health, old.found.as_str()), (Health::Warn, "git version 2.40.1 is too old"));
        assert!(old.advice.unwrap().contains(&GitVersion::OLDEST.to_string()));
        for fine in ["git version 2.41.0", "git version 3.0.0", "another program"] {
            assert_eq!((git_of(fine).health, git_of(fine).found.as_str()), (Health::Ok, fine));
        }
    }
}
