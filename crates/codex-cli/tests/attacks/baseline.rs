//! What Codex's own sandbox holds, and this program builds on.

use codex_fixtures::Attack;

use crate::project::Project;
use crate::sandboxed::agent_runs;

#[test]
fn an_agent_cannot_plant_a_hook_in_the_repository() {
    let _attack = Attack::new(
        "the agent writes .git/hooks/pre-commit and .git/config",
        "workspace-write keeps the git directory read-only",
    );
    let project = Project::recorded();
    let config = project.read(".git/config");
    let plant =
        "echo 'touch owned' > .git/hooks/pre-commit; echo '[core] pager = x' >> .git/config; echo tried";
    let ran = agent_runs(&project, &[plant], |command| command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!project.has(".git/hooks/pre-commit"), "{ran:?}");
    assert_eq!(project.read(".git/config"), config);
}
