//! The fault matrix: all that can go wrong between Codex and its reader, a row for each, as a table.
//!
//! Every row says what Codex does, and which verdict is right. It is shown when the verdict is that one, came in time, took no more
//! memory than it may, and left nothing alive. `cargo xtask faults` prints the table.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that fails")]

#[path = "faults/ends.rs"]
mod ends;
#[path = "faults/fault.rs"]
mod fault;
#[path = "faults/floods.rs"]
mod floods;
#[path = "faults/lines.rs"]
mod lines;
#[path = "faults/memory.rs"]
mod memory;
#[path = "process/scene.rs"]
mod scene;
#[path = "faults/stops.rs"]
mod stops;

use fault::Fault;

#[rstest::rstest]
#[case::real_search_with_two_ids(lines::real_search_with_two_ids)]
#[case::unknown_event_item_and_status(lines::unknown_event_item_and_status)]
#[case::usage_without_a_key(lines::usage_without_a_key)]
#[case::usage_with_a_new_key(lines::usage_with_a_new_key)]
#[case::usage_that_is_null(lines::usage_that_is_null)]
#[case::malformed_line(lines::malformed_line)]
#[case::line_that_is_not_utf8(lines::line_that_is_not_utf8)]
#[case::escape_bytes_before_a_line(lines::escape_bytes_before_a_line)]
#[case::crlf(lines::crlf)]
#[case::line_separators_within_a_line(lines::line_separators_within_a_line)]
#[case::two_terminal_events(lines::two_terminal_events)]
#[case::events_after_the_terminal_one(lines::events_after_the_terminal_one)]
#[case::no_newline_at_the_end(lines::no_newline_at_the_end)]
#[case::half_a_line_then_exit_137(ends::half_a_line_then_exit_137)]
#[case::half_a_line_then_sigkill(ends::half_a_line_then_sigkill)]
#[case::exit_0_in_mid_turn(ends::exit_0_in_mid_turn)]
#[case::exit_1_after_completion(ends::exit_1_after_completion)]
#[case::megabyte_of_stderr(ends::megabyte_of_stderr)]
#[case::megabyte_of_stderr_and_exit_1(ends::megabyte_of_stderr_and_exit_1)]
#[case::failure_with_json_in_its_message(ends::failure_with_json_in_its_message)]
#[case::reconnects_and_then_success(ends::reconnects_and_then_success)]
#[case::failed_turn_flushes_for_three_seconds(ends::failed_turn_flushes_for_three_seconds)]
#[case::prompt_that_is_never_read(ends::prompt_that_is_never_read)]
#[case::holder_of_the_pipe(ends::holder_of_the_pipe)]
#[case::stdout_closed_early(ends::stdout_closed_early)]
#[case::not_codex(ends::not_codex)]
#[case::deaf_tree_cancelled(stops::deaf_tree_cancelled)]
#[case::deaf_tree_dropped(stops::deaf_tree_dropped)]
#[case::neither_reads_nor_ends_cancelled(stops::neither_reads_nor_ends_cancelled)]
#[case::line_of_64_mib(floods::line_of_64_mib)]
#[case::line_of_64_mib_of_escapes(floods::line_of_64_mib_of_escapes)]
#[case::flood_for_a_sleeping_reader(floods::flood_for_a_sleeping_reader)]
#[case::million_tiny_lines(floods::million_tiny_lines)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_has_its_verdict(#[case] row: fn() -> Fault) {
    Fault::check_alone(row).await;
}
