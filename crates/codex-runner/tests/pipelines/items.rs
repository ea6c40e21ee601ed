//! Items of pipeline files in every form, and what each comes to.

use codex_runner::{AgentCall, InputState, ItemForm, PipelineFile, TaskMatch, TaskTarget};
use rstest::rstest;

use crate::project::{PATTERN, PROJECT, Project, SESSION};

#[test]
fn a_pipeline_file_is_read_in_all_its_forms() {
    let text = "Some prose.\ntasks are in directory `./the tasks`.\nTools are in directory: ${TOOLS}\n\n1. first\n\nturn 1\n\
        1. TASK 01 - A.task.md\n3.\t`TASK 02 - B.task.md`\n\nTurn 2\n- not an item\n2) [C](tasks/c.md)\n# TURN 3\n\
        1. agent run sql --dialect postgresql\n   2. ${DIR}/x.task.md\n## Notes\n1.no space\n1. \n```\n9. in code\n```\n\
        <!-- 9. in a comment -->\n12345678901. too long a number\n* TASK 03 - D.task.md\n";
    let file = PipelineFile::parse("task-pipeline.md", text);
    assert_eq!(file.tasks_folder.as_deref(), Some("./the tasks"));
    assert_eq!(file.tools_folder.as_deref(), Some("${TOOLS}"));
    let items: Vec<_> = file
        .items
        .iter()
        .map(|item| (item.line, item.group, item.label.as_str(), item.text.as_str()))
        .collect();
    let expected = [
        (5, None, "1", "first"),
        (8, Some(1), "1", "TASK 01 - A.task.md"),
        (9, Some(1), "3", "TASK 02 - B.task.md"),
        (13, Some(2), "2", "tasks/c.md"),
        (15, Some(3), "1", "agent run sql --dialect postgresql"),
        (16, Some(3), "2", "${DIR}/x.task.md"),
    ];
    assert_eq!(items, expected);
    assert!(matches!(&file.items[4].form, ItemForm::Agent(call) if call.name == "sql"));
    assert_eq!(file.warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [Some(25)]);
    assert_eq!(file.problems, []);
}

#[rstest]
#[case::exact("1. TASK 01 - Model.task.md", TaskMatch::Exact)]
#[case::en_dash("1. TASK 01 \u{2013} Model.task.md", TaskMatch::Folded)]
#[case::title("1. Model", TaskMatch::Title)]
#[case::doubled("1. TASK - TASK 01 - Model.task.md", TaskMatch::Title)]
#[case::code("1. `TASK 01 - Model`", TaskMatch::Folded)]
#[case::link("1. [Model](<tasks/TASK 01 - Model.task.md>)", TaskMatch::Exact)]
#[case::relative("1. tasks/TASK 01 - Model.task.md", TaskMatch::Exact)]
#[case::dotted("1. ./tasks/task 01 - model", TaskMatch::Folded)]
#[case::variable("1. ${TASKS}/TASK 01 - Model.task.md", TaskMatch::Exact)]
#[case::late_variable("1. {{TASKS}}/TASK 01 - Model.task.md", TaskMatch::Exact)]
#[case::root(
    "1. /ai/context/application-implementation-patterns/crud/tasks/TASK 01 - Model.task.md",
    TaskMatch::Exact
)]
#[case::project_root(
    "1. project_root/ai/context/application-implementation-patterns/crud/tasks/TASK 01 - Model.md",
    TaskMatch::Folded
)]
fn an_item_comes_to_its_file(#[case] item: &str, #[case] expected: TaskMatch) {
    let project =
        Project::new().file(SESSION, format!("TASKS = `${{TARGET_PROJECT}}/{PATTERN}/tasks`\n")).items(item);
    let plan = project.plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    let TaskTarget::File { file, matched, .. } = &plan.tasks[0].target else { panic!("it is no file") };
    assert_eq!(file.path, format!("{PATTERN}/tasks/TASK 01 - Model.task.md"));
    assert_eq!(*matched, expected);
}

#[test]
fn position_is_the_order_and_the_number_is_a_label() {
    let project = Project::new().items("Turn 2\n9. Views\n1. Model\nTurn 1\n1. Model\n");
    insta::assert_snapshot!(project.show(&project.plan()));
}

#[test]
fn tasks_beside_the_pipeline_win_over_those_elsewhere() {
    let project = Project::new()
        .pattern("TASK 01 - Model.task.md", "# Beside\n")
        .file("else/TASK 05 - Else.task.md", "# Else\n")
        .items("tasks are in directory project_root/else\ntools are in directory nowhere\n1. TASK 01 - Model.task.md\n2. Else\n");
    let plan = project.plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    assert_eq!(plan.tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["Beside", "Else"]);
}

#[test]
fn a_stated_folder_that_is_not_there_is_a_warning() {
    let project = Project::new().items("tasks are in directory container/tasks\n1. Model\n");
    let plan = project.plan();
    assert!(plan.is_runnable());
    assert_eq!(
        plan.warnings.last().unwrap().to_string(),
        format!(
            "{PATTERN}/task-pipeline.md: the folder `container/tasks` of the tasks is not there; \
         tasks are looked for beside the pipeline"
        )
    );
}

#[test]
fn an_agent_call_is_resolved_to_its_folder() {
    let project = Project::new()
        .file("coding-agents/Sql_DDL-Generator/README.md", "# Make DDL\n\n## Inputs\n\n- coding-agents\n- ai/context/project_context.md\n")
        .items("1. agent run sql-ddl-generator --dialect postgresql --schema-path ${TARGET_PROJECT}/x.json --force\n");
    let plan = project.plan();
    assert!(plan.is_runnable(), "{}", project.show(&plan));
    let TaskTarget::Agent(AgentCall { arguments, folder, instructions, .. }) = &plan.tasks[0].target else {
        panic!("it is no call")
    };
    assert_eq!(folder.as_deref(), Some("coding-agents/Sql_DDL-Generator"));
    assert_eq!(instructions.as_ref().unwrap().path, "coding-agents/Sql_DDL-Generator/README.md");
    let arguments: Vec<_> = arguments.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(
        arguments,
        [("dialect", "postgresql"), ("schema-path", "/project/shop/x.json"), ("force", "")]
    );
    assert_eq!(plan.tasks[0].inputs[0].state, InputState::File);
    assert_eq!(plan.tasks[0].id, "agent sql-ddl-generator");
}

#[rstest]
#[case::position("2", Some(2))]
#[case::id("TASK 01 - Model.task.md", Some(1))]
#[case::folded("task 02 \u{2013} views", Some(2))]
#[case::title("Model", Some(1))]
#[case::nobody("Controllers", None)]
#[case::zero("0", None)]
#[case::beyond("3", None)]
fn a_task_is_found_by_what_people_call_it(#[case] name: &str, #[case] position: Option<usize>) {
    let plan = Project::new().plan();
    assert_eq!(plan.task(name).map(|task| task.position).ok(), position);
}

#[test]
fn a_task_that_is_not_found_is_told_with_the_nearest() {
    let plan = Project::new().plan();
    let expected = format!(
        "{PATTERN}/task-pipeline.md: no task is named `Modell`; the nearest is `TASK 01 - Model.task.md`"
    );
    assert_eq!(plan.task("Modell").unwrap_err().to_string(), expected);
}

#[test]
fn the_pattern_of_another_folder_is_shown_as_such() {
    let project = Project::new()
        .file(
            PROJECT,
            "# Project\n- Application Implementation Pattern: [The CRUD](https://example.com/crud)\n",
        )
        .beside("pipelines/application-implementation-patterns/the-crud/execution-plan.md", "1. Make\n")
        .beside("pipelines/application-implementation-patterns/the-crud/tasks/TASK - Make.md", "# Make\n");
    let plan = project.request().pipelines_from(project.outside().join("pipelines")).plan();
    insta::assert_snapshot!(project.show(&plan));
    assert_eq!(plan.pattern.unwrap().name, "the-crud");
}
