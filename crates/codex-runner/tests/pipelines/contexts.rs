//! Contexts in every form in which they are written.

use std::collections::BTreeMap;

use codex_ledger::TurnId;
use codex_ledger::texts::session_context_values;
use codex_runner::{ComputedValues, ProjectContext, ResolvedContext, SessionContext, ValueKind};

use crate::project::{PROJECT, Project, SESSION};

#[test]
fn three_generations_of_a_session_context_are_read() {
    let project = Project::new().file(
        SESSION,
        "# Session\n\n## Globals\n\n- author: Ada\n- **model name**: {{ the name of the model }}\n- plain note\n\n\
         ## Rules\n\n- always: be polite\n\n## Project\n\n| Name | Text | Rule |\n|---|---|---|\n\
         | **TASKS** | where tasks are | `${BASE}/tasks` |\n| **PIPE** | a bar | a\\|b |\n| lower | no | name |\n\n\
         ## Environment\n\n```\nIN_CODE = `1`\n```\n\n<!--\nIN_A_COMMENT = `1`\n-->\n\n\
         TARGET_PROJECT = `/project/${TARGET_PROJECT}`\n\nBASE = `${TARGET_PROJECT}/ai`\nQUOTED =`two words`\n\
         EMPTY =\nOPEN = `a\nTURN_ID = Computed dynamically at runtime. starts at 1.\n\
         CURRENT_TURN_DIRECTORY = ${BASE}/turns/${TURN_ID}\nTURN_ELAPSED_TIME = ${TURN_END_TIME} - ${TURN_START_TIME}\n\
         SPAN = ${BASE} - ${TASKS}\nWHEN = whenever it is done\nFILE = `{{TURN_ID}}.md`\n\
         HOST = ${APP_NAME} ${SCHEMA:public}\n",
    );
    insta::assert_snapshot!(project.show(&project.plan()));
}

#[test]
fn a_project_context_is_read_in_all_its_forms() {
    let project = Project::new()
        .file(
            PROJECT,
            "# project\n\nSome prose.\n\n## Project\n\n- **Name**:   Shop\n- Full_Name: {{project.name}} of ${TARGET_PROJECT}\n\
             - Author: [Ada](https://example.com/ada)\n- Empty:\n- Application Implementation Pattern:\n\n    crud\n\
             - Description: first\n    - second\n    third\n\nno longer\n\n## Maven\n\n* Group Id: com.example\n- name: shop-app\n\n\
             ```\n- Key: in code\n```\n\n## Domain\n\n- Domain Object: load project_root/ai/context/schemas/a.schema.json\n\
             - REST API Request Schema: load ./schemas/b.schema.json\n- REST API Response Schema: schemas/b.schema.json\n\
             - Persisted Data schema:\n    `ai/context/schemas/a.schema.json`\n",
        )
        .file("ai/context/schemas/a.schema.json", "{}")
        .file("ai/context/schemas/b.schema.json", "not JSON, and nobody minds")
        .file(SESSION, "ARTIFACT = `${PROJECT_CONTEXT}/maven.GroupId`\nNAME = ai/context/project_context.md/project.FULL-name\n");
    insta::assert_snapshot!(project.show(&project.plan()));
}

#[test]
fn what_was_filled_in_is_never_looked_at_again() {
    let text = "A = ${B}\nB = ${OUTSIDE}\nC = `safe`\nSELF = a ${SELF}\nSELF_QUOTED = `${SELF_QUOTED}`\n";
    let session = SessionContext::parse("s.md", text);
    let outer = BTreeMap::from([
        ("OUTSIDE".to_owned(), "${C} {{C}} ${TURN_ID}".to_owned()),
        ("SELF_QUOTED".to_owned(), "${SELF_QUOTED}".to_owned()),
    ]);
    let context = ResolvedContext::resolve(&session, &ProjectContext::default(), &outer);
    assert_eq!(context.problems, []);
    let context = context.complete(&ComputedValues::new().turn(TurnId::FIRST));
    assert_eq!(context.get("A").unwrap().value, "${C} {{C}} ${TURN_ID}");
    assert_eq!(context.get("SELF_QUOTED").unwrap().value, "${SELF_QUOTED}");
    assert_eq!(context.get("SELF").unwrap().kind, ValueKind::Prose, "without backticks it is a sentence");
}

#[test]
fn what_the_turn_knows_is_filled_in_when_it_is_known() {
    let project =
        Project::new().file(SESSION, "LOG = `${CURRENT_TURN_DIRECTORY}/log-${TURN_START_TIME}.md`\n");
    let plan = project.plan();
    let value = |plan: &codex_runner::PipelinePlan| project.tame(plan.value("LOG").unwrap());
    assert_eq!(value(&plan), "/tmp/shop/ai/agentic-pipeline/turns/${TURN_ID}/log-${TURN_START_TIME}.md");
    let computed = ComputedValues::new().turn(TurnId::new(7).unwrap());
    let plan = plan.complete(&computed);
    assert_eq!(value(&plan), "/tmp/shop/ai/agentic-pipeline/turns/7/log-${TURN_START_TIME}.md");
    let plan = plan.complete(&computed.start("2025-09-05T17:42:10Z".parse().unwrap()));
    assert_eq!(value(&plan), "/tmp/shop/ai/agentic-pipeline/turns/7/log-2025-09-05T17:42:10Z.md");
    assert_eq!(
        project.request().computed(ComputedValues::new().turn(TurnId::FIRST)).plan().value("TURN_ID"),
        Some("1")
    );
}

#[test]
fn the_values_of_a_record_name_their_source() {
    let project = Project::new().file(
        SESSION,
        "TASKS = `${TARGET_PROJECT}/tasks`\n\nAPI_TOKEN = `v3ry-s3cret`\n\nHINT = `{{ ask the user }}`\n",
    );
    let text = session_context_values(&project.plan().context_values());
    assert!(
        !text.contains("v3ry-s3cret") && !text.contains(&project.outside().display().to_string()),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn a_place_on_another_machine_stands_for_the_folder_here() {
    let project = Project::new()
        .file(SESSION, "TARGET_PROJECT = `/workspace/${TARGET_PROJECT}`\nPROJECT_CONTEXT = ${TARGET_PROJECT}/docs/about.md\n")
        .file("docs/about.md", "- Application Implementation Pattern: crud\n- Name: here\n")
        .items("1. ${TARGET_PROJECT}/ai/context/application-implementation-patterns/crud/tasks/TASK 01 - Model.task.md\n");
    let plan = project.plan();
    insta::assert_snapshot!(project.show(&plan));
    assert_eq!(plan.value("project.name"), None, "the key is below no heading");
    assert_eq!(plan.value("TARGET_PROJECT"), Some("/workspace/shop"));
}

#[test]
fn what_nobody_here_knows_is_left_and_warned_of() {
    let project = Project::new()
        .file(SESSION, "HOST = `${APP_NAME}:${PORT:8080}`\n\n| **KEPT** | a | `{{LATER}} {{ ask }}` |\n")
        .file(
            PROJECT,
            "# Project\n- Application Implementation Pattern: crud\n- Url:\n\n    first\n    ${DATABASE_SCHEMA:public}\n",
        )
        .pattern("tasks/TASK 01 - Model.task.md", "# Model\n\n${APP_NAME} ${TARGET_PROJECT}\n")
        .pattern("pattern_context.md", "# P\n\n## Constraints\n\n${TARGET_PROJECT}\n");
    let plan = project.plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    assert_eq!(plan.value("HOST"), Some("${APP_NAME}:${PORT:8080}"));
    assert_eq!(plan.value("project.url"), Some("first\n${DATABASE_SCHEMA:public}"));
    // The texts of tasks and patterns are passed on as they are.
    assert_eq!(plan.tasks[0].body, "# Model\n\n${APP_NAME} ${TARGET_PROJECT}\n");
    assert_eq!(plan.pattern.as_ref().unwrap().constraints.as_deref(), Some("${TARGET_PROJECT}"));
    let left = "; define it, or leave it if something else fills it in";
    let warnings: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
    for (place, name) in [
        ("session_context.md:1", "APP_NAME"),
        ("session_context.md:1", "PORT:8080"),
        ("project_context.md:6", "DATABASE_SCHEMA:public"),
    ] {
        let expected = format!("ai/context/{place}: nothing is known by the name `{name}`{left}");
        assert!(warnings.contains(&expected), "{expected}\n{warnings:#?}");
    }
}

#[test]
fn a_schema_of_the_domain_is_hashed_and_not_read() {
    let project = Project::new()
        .file(PROJECT, "- Application Implementation Pattern: crud\n- Domain Object: load ./schemas/a.json\n")
        .file("ai/context/schemas/a.json", b"not JSON \xff");
    let plan = project.plan();
    let [schema] = &plan.schemas[..] else { panic!("{}", project.show(&plan)) };
    assert_eq!(schema.file.sha256, codex_ledger::values::sha256_hex(b"not JSON \xff"));
    assert_eq!((schema.role.as_str(), schema.line, schema.file.bytes), ("Domain Object", 2, 10));
}

#[test]
fn the_record_of_a_turn_that_is_over_has_what_the_turn_knows() {
    let project =
        Project::new().file(SESSION, "LOG = `turns/${TURN_ID}.md`\nELAPSED = `${TURN_ELAPSED_TIME}`\n");
    let end = ComputedValues::new()
        .turn(TurnId::new(7).unwrap())
        .start("2025-09-05T17:42:10Z".parse().unwrap())
        .end("2025-09-05T18:42:12Z".parse().unwrap());
    let text = session_context_values(&project.plan().complete(&end).context_values());
    for row in [
        "| `LOG` | `turns/7.md` | ai/context/session\\_context.md, line 1, expanded |",
        "| `ELAPSED` | `01:00:02` | ai/context/session\\_context.md, line 2, expanded |",
        "| `TURN_ID` | `7` | computed |",
        "| `TURN_START_TIME` | `2025-09-05T17:42:10Z` | computed |",
        "| `TURN_END_TIME` | `2025-09-05T18:42:12Z` | computed |",
        "| `TURN_ELAPSED_TIME` | `01:00:02` | computed |",
        "| `CURRENT_TURN_DIRECTORY` | `${TARGET_PROJECT}/ai/agentic-pipeline/turns/7` | computed |",
    ] {
        assert!(text.lines().any(|line| line == row), "{row}\n{text}");
    }
}
