//! What the agent's commands see of the environment, under a policy of the user's own.

use codex_exec::Sandbox;
use codex_fixtures::Reply;

use crate::support::{Scene, home_of_its_own};

/// The environment of an agent's command.
async fn seen(user_config: &str) -> Vec<(String, String)> {
    let scene = Scene::new([Reply::new().exec("env"), Reply::new().message("done")]).user_config(user_config);
    let environment =
        home_of_its_own(&scene).set("USERS_OWN_SECRET", "hunter2").set("USERS_OWN_SETTING", "kept");
    let invocation = scene.invocation("go").sandbox(Sandbox::DangerFullAccess).environment(environment);
    let ran = scene.run(invocation).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    let pairs = ran.command_output().lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn value<'a>(seen: &'a [(String, String)], name: &str) -> Option<&'a str> {
    seen.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
}

fn assert_ours(seen: &[(String, String)]) {
    assert!(
        seen.iter().any(|(name, value)| name.starts_with("CODEX_TURNS_RUN_") && value == "1"),
        "{seen:?}"
    );
    assert!(matches!(value(seen, "CODEX_API_KEY"), None | Some("")), "the key is hidden");
    assert!(seen.iter().all(|(_, value)| !value.contains("scripted-key")));
}

#[tokio::test]
async fn by_default_the_marker_is_seen_and_the_key_is_not() {
    let seen = seen("").await;
    assert_ours(&seen);
    assert_eq!(value(&seen, "USERS_OWN_SETTING"), Some("kept"));
}

#[tokio::test]
async fn the_users_exclude_stays_in_force() {
    let seen = seen("[shell_environment_policy]\nexclude = [\"USERS_OWN_SECRET\"]\n").await;
    assert_ours(&seen);
    assert_eq!(value(&seen, "USERS_OWN_SECRET"), None);
    assert_eq!(value(&seen, "USERS_OWN_SETTING"), Some("kept"));
}

#[tokio::test]
async fn the_users_inherit_core_stays_in_force() {
    let seen = seen("[shell_environment_policy]\ninherit = \"core\"\n").await;
    assert_ours(&seen);
    assert_eq!((value(&seen, "USERS_OWN_SECRET"), value(&seen, "USERS_OWN_SETTING")), (None, None));
}

#[tokio::test]
async fn the_users_own_set_stays_in_force() {
    let seen = seen("[shell_environment_policy.set]\nFROM_THE_USER = \"yes\"\n").await;
    assert_ours(&seen);
    assert_eq!(value(&seen, "FROM_THE_USER"), Some("yes"));
}
