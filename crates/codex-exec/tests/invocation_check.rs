//! What is refused before Codex starts, and in which words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use codex_exec::{
    ApiKey, CodexEnvironment, Invocation, InvocationError, McpServer, OutputSchema, PROMPT_LIMIT_CHARACTERS,
    ReviewTarget, Target,
};
use codex_protocol::ThreadId;
use rstest::rstest;
use tempfile::{TempDir, tempdir};

/// A folder with a repository `repo`, and files and folders to name.
fn scratch() -> (TempDir, PathBuf) {
    let scratch = tempdir().unwrap();
    let root = scratch.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("repo/.git")).unwrap();
    fs::create_dir_all(root.join("repo/below")).unwrap();
    fs::create_dir_all(root.join("outside")).unwrap();
    fs::write(root.join("repo/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    for (file, text) in
        [("a.png", "png"), ("a,b.png", "png"), ("schema.json", "{}"), ("broken.json", "{\n oh")]
    {
        fs::write(root.join(file), text).unwrap();
    }
    (scratch, root)
}

fn refused(invocation: &Invocation) -> String {
    let error = invocation.check().unwrap_err();
    let source = std::error::Error::source(&error).map(|source| format!(" ({source})")).unwrap_or_default();
    format!("{error}{source}")
}

#[rstest]
#[case::blank(|_: &Path| Invocation::new("\u{feff} \n\t"), "the prompt is blank")]
#[case::long(
    |_: &Path| Invocation::new("ä".repeat(PROMPT_LIMIT_CHARACTERS + 1)),
    "the prompt has 1048577 characters, and codex takes at most 1048576"
)]
#[case::review_with_a_prompt(
    |_: &Path| Invocation::new("x").target(Target::Review(ReviewTarget::Uncommitted)),
    "a review of uncommitted changes, a branch or a commit takes no prompt"
)]
#[case::review_of_nothing(|_: &Path| Invocation::review(ReviewTarget::Base(String::new())), "the branch to review against is empty")]
#[case::resumed_name(
    |_: &Path| ask().target(Target::Resume(ThreadId::from_wire("yesterday"))),
    r#"the thread id "yesterday" is not a UUID"#
)]
#[case::empty_model(|_: &Path| ask().model(" "), "the model is empty")]
#[case::nul(|_: &Path| ask().model("a\0b"), "the model has a NUL byte")]
#[case::empty_key(|_: &Path| ask().api_key(ApiKey::new("")), "the api key is empty")]
#[case::base_url(|_: &Path| ask().base_url("localhost:80"), r#"the base url "localhost:80" does not begin with http:// or https://"#)]
#[case::originator(|_: &Path| ask().originator("é"), r#"the originator "é" has other characters than visible ascii ones"#)]
#[case::key_without_a_name(|_: &Path| ask().config("a..b", 1), r#""a..b" is not a configuration key: write names with dots between them"#)]
#[case::key_with_an_equals_sign(|_: &Path| ask().config("a=b", 1), r#""a=b" is not a configuration key: write names with dots between them"#)]
#[case::key_like_a_flag(|_: &Path| ask().config("-a", 1), r#""-a" is not a configuration key: write names with dots between them"#)]
#[case::profile(|_: &Path| ask().profile("../x"), r#"the profile "../x" may have letters, digits, `_` and `-` only"#)]
#[case::feature(|_: &Path| ask().enable("a.b"), r#"the feature "a.b" may have letters, digits, `_` and `-` only"#)]
#[case::mcp_server(|_: &Path| ask().mcp_server(McpServer::http("a b", "http://h")), r#"the mcp server "a b" may have letters, digits, `_` and `-` only"#)]
#[case::mcp_server_twice(
    |_: &Path| ask().mcp_server(McpServer::http("a", "http://h")).mcp_server(McpServer::http("a", "http://i")),
    r#"two mcp servers have the name "a""#
)]
#[case::mcp_command(|_: &Path| ask().mcp_server(McpServer::stdio("a", "", ["x"])), "the command of the mcp server is empty")]
#[case::one_variable_for_two_secrets(
    |_: &Path| ask().api_key(ApiKey::new("k")).mcp_server(McpServer::http("a", "http://h").bearer_token("CODEX_API_KEY", "t")),
    "two secrets use the variable CODEX_API_KEY"
)]
#[case::secret_variable(
    |_: &Path| ask().mcp_server(McpServer::http("a", "http://h").bearer_token("A.B", "t")),
    r#""A.B" is not the name of an environment variable"#
)]
#[case::variable(|_: &Path| ask().environment(CodexEnvironment::clear().set("A=B", "1")), r#""A=B" is not the name of an environment variable"#)]
#[case::cwd_missing(|root: &Path| ask().cwd(root.join("none")), "the working directory ROOT/none does not exist")]
#[case::cwd_a_file(|root: &Path| ask().cwd(root.join("a.png")), "the working directory ROOT/a.png is not a directory")]
#[case::cwd_empty(|_: &Path| ask().cwd(""), "the working directory is empty")]
#[case::additional_directory(|root: &Path| ask().add_dir(root.join("none")), "the additional directory ROOT/none does not exist")]
#[case::codex_home(|root: &Path| ask().codex_home(root.join("none")), "the codex home ROOT/none does not exist")]
#[case::image_missing(|root: &Path| ask().image(root.join("none.png")), "the image ROOT/none.png does not exist")]
#[case::image_a_folder(|root: &Path| ask().image(root.join("repo")), "the image ROOT/repo is not a file")]
#[case::image_comma(
    |root: &Path| ask().image(root.join("a,b.png")),
    "the path of the image ROOT/a,b.png has a comma, at which codex splits it: rename the file"
)]
#[case::below_a_file(
    |root: &Path| ask().image(root.join("a.png/b.png")),
    "the image ROOT/a.png/b.png cannot be read (Not a directory (os error 20))"
)]
#[case::schema_missing(|root: &Path| schema(root.join("none.json")), "the output schema ROOT/none.json does not exist")]
#[case::schema_not_json(
    |root: &Path| schema(root.join("broken.json")),
    "the output schema ROOT/broken.json is not JSON (key must be a string at line 2 column 2)"
)]
#[case::not_a_repository(
    |root: &Path| ask().cwd(root.join("outside")),
    "the working directory ROOT/outside is not inside a git repository: choose one that is, or skip the check"
)]
fn what_codex_would_refuse_or_misread_is_named(
    #[case] make: fn(&Path) -> Invocation,
    #[case] expected: &str,
) {
    let (_scratch, root) = scratch();
    assert_eq!(refused(&make(&root)).replace(root.to_str().unwrap(), "ROOT"), expected);
}

fn ask() -> Invocation {
    Invocation::new("say hi")
}

fn schema(file: PathBuf) -> Invocation {
    ask().output_schema(OutputSchema::File(file))
}

#[rstest]
#[case::repository(|root: &Path| ask().cwd(root.join("repo")))]
#[case::below_a_repository(|root: &Path| ask().cwd(root.join("repo/below")))]
#[case::without_the_check(|root: &Path| ask().cwd(root.join("outside")).skip_git_repo_check())]
#[case::as_long_as_may_be(|root: &Path| Invocation::new("ä".repeat(PROMPT_LIMIT_CHARACTERS)).cwd(root.join("repo")))]
#[case::nul_in_a_prompt(|root: &Path| Invocation::new("a\0b").cwd(root.join("repo")))]
#[case::files_and_folders(|root: &Path| schema(root.join("schema.json"))
    .image(root.join("a.png")).add_dir(root.join("outside")).codex_home(root.join("outside")).cwd(root.join("repo")))]
#[case::review(|root: &Path| Invocation::review(ReviewTarget::Uncommitted).cwd(root.join("repo")))]
#[case::key_with_a_space(|root: &Path| ask().config("shell_environment_policy.set.A B", "x").cwd(root.join("repo")))]
fn what_codex_takes_is_not_refused(#[case] make: fn(&Path) -> Invocation) {
    let (_scratch, root) = scratch();
    make(&root).check().unwrap();
}

#[test]
fn a_worktree_and_a_link_into_a_repository_are_inside_one() {
    let (_scratch, root) = scratch();
    fs::create_dir(root.join("worktree")).unwrap();
    fs::write(root.join("worktree/.git"), "gitdir: ../repo/.git/worktrees/worktree\n").unwrap();
    symlink(root.join("repo/below"), root.join("outside/link")).unwrap();
    ask().cwd(root.join("worktree")).check().unwrap();
    ask().cwd(root.join("outside/link")).check().unwrap();
}

#[test]
fn a_git_folder_without_a_repository_does_not_count() {
    let (_scratch, root) = scratch();
    fs::create_dir(root.join("outside/.git")).unwrap();
    let error = ask().cwd(root.join("outside")).check().unwrap_err();
    assert!(matches!(error, InvocationError::NotGitRepository { .. }), "{error}");
}
