//! Tests of [`FailureKind::classify`](super::FailureKind::classify) against what six releases print.

use rstest::rstest;

use super::*;

const RATE: FailureKind = FailureKind::RateLimit { reset_after: None };
const USAGE: FailureKind = FailureKind::UsageLimit { reset_after: None, reset_at: None };

fn rate(milliseconds: u64) -> FailureKind {
    FailureKind::RateLimit { reset_after: Some(Duration::from_millis(milliseconds)) }
}

fn usage_after(seconds: u64) -> FailureKind {
    FailureKind::UsageLimit { reset_after: Some(Duration::from_secs(seconds)), reset_at: None }
}

fn usage_at(time: &str) -> FailureKind {
    FailureKind::UsageLimit { reset_after: None, reset_at: Some(time.to_owned()) }
}

#[rstest]
#[case::http_401(
    "unexpected status 401 Unauthorized: Incorrect API key provided, url: http://127.0.0.1:4000/v1/responses",
    FailureKind::Auth,
    Some(401)
)]
#[case::http_403(
    "unexpected status 403 Forbidden: Country not supported, url: http://127.0.0.1:4000/v1/responses",
    FailureKind::Auth,
    Some(403)
)]
#[case::http_400_body(
    r#"{"error":{"message":"Invalid value: wrong","type":"invalid_request_error","param":null,"code":"invalid_value"}}"#,
    FailureKind::InvalidRequest,
    None
)]
#[case::http_400_with_status(
    r#"unexpected status 400 Bad Request: {"error":{"message":"no"}}, url: http://127.0.0.1:4000/v1/responses"#,
    FailureKind::InvalidRequest,
    Some(400)
)]
#[case::http_404("The model does not exist", FailureKind::InvalidRequest, None)]
#[case::http_404_with_status(
    "unexpected status 404 Not Found: Unknown error",
    FailureKind::InvalidRequest,
    Some(404)
)]
#[case::http_429("exceeded retry limit, last status: 429 Too Many Requests", RATE, Some(429))]
#[case::http_429_with_id(
    "exceeded retry limit, last status: 429 Too Many Requests, request id: req_1",
    RATE,
    Some(429)
)]
#[case::http_429_quota("Quota exceeded. Check your plan and billing details.", USAGE, None)]
#[case::http_500(
    "We’re currently experiencing high demand, which may cause temporary errors.",
    FailureKind::Overloaded,
    None
)]
#[case::http_500_before(
    "exceeded retry limit, last status: 500 Internal Server Error",
    FailureKind::Overloaded,
    Some(500)
)]
#[case::http_503("unexpected status 503 Service Unavailable: try later", FailureKind::Overloaded, Some(503))]
#[case::cut(
    "stream disconnected before completion: Transport error: network error: error decoding response body",
    FailureKind::StreamLost,
    None
)]
#[case::closed(
    "stream disconnected before completion: stream closed before response.completed",
    FailureKind::StreamLost,
    None
)]
#[case::idle(
    "stream disconnected before completion: idle timeout waiting for SSE",
    FailureKind::StreamLost,
    None
)]
#[case::refused("Connection failed: error sending request", FailureKind::StreamLost, None)]
#[case::rate_limit_exceeded(
    "rate limit exceeded: Rate limit reached for gpt-5.5 on tokens per min (TPM): Limit 1, Used 1. Please try again in 0.2s.",
    rate(200),
    None
)]
#[case::rate_limit_before(
    "stream disconnected before completion: Rate limit reached for gpt-5.5. Please try again in 1.5s. Visit the site.",
    rate(1500),
    None
)]
#[case::invalid_prompt("Invalid prompt: this is bad", FailureKind::InvalidRequest, None)]
#[case::context_length_exceeded(
    "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
    FailureKind::ContextWindow,
    None
)]
#[case::usage_not_included(
    "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.",
    FailureKind::Auth,
    None
)]
#[case::server_is_overloaded(
    "Selected model is at capacity. Please try a different model.",
    FailureKind::Overloaded,
    None
)]
#[case::cyber_policy("This content was flagged", FailureKind::InvalidRequest, None)]
#[case::max_output_tokens(
    "Incomplete response returned, reason: max_output_tokens",
    FailureKind::InvalidRequest,
    None
)]
#[case::content_filter(
    "stream disconnected before completion: Incomplete response returned, reason: content_filter",
    FailureKind::InvalidRequest,
    None
)]
#[case::no_key("Missing environment variable: `NO_SUCH_VARIABLE`.", FailureKind::Auth, None)]
#[case::sandbox("sandbox denied exec error, exit code: 1", FailureKind::Sandbox, None)]
#[case::landlock("Landlock was not able to fully enforce all sandbox rules", FailureKind::Sandbox, None)]
#[case::the_status_says_more(
    "unexpected status 401 Unauthorized: no sandbox for you",
    FailureKind::Auth,
    Some(401)
)]
#[case::new("something went wrong", FailureKind::Other, None)]
#[case::empty("", FailureKind::Other, None)]
fn prose_tells_the_kind(#[case] message: &str, #[case] kind: FailureKind, #[case] status: Option<u16>) {
    assert_eq!(FailureKind::classify(message), kind);
    assert_eq!(FailureKind::status(message), status);
}

#[rstest]
#[case::in_a_notice("Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)", RATE)]
#[case::in_a_notice_with_a_wait(
    "Reconnecting... 1/5 (rate limit exceeded: Rate limit reached. Please try again in 0.5s.)",
    rate(500)
)]
#[case::waiting_for_network(
    "Reconnecting... waiting for network (Connection failed: error sending request)",
    FailureKind::StreamLost
)]
#[case::of_0_45(
    "stream error: exceeded retry limit, last status: 401 Unauthorized; retrying 1/5 in 202ms…",
    FailureKind::Auth
)]
fn the_prose_of_a_retry_is_the_same(#[case] message: &str, #[case] kind: FailureKind) {
    assert_eq!(FailureKind::classify(message), kind);
}

#[rstest]
#[case::curly_and_absolute(
    "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again at Nov 23rd, 2026 2:13 AM.",
    usage_at("Nov 23rd, 2026 2:13 AM")
)]
#[case::time_of_day("You've hit your usage limit. Try later: try again at 3:04 PM.", usage_at("3:04 PM"))]
#[case::days(
    "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing) or try again in 3 days 2 hours.",
    usage_after(266_400)
)]
#[case::three_units(
    "You've hit your usage limit. To get more access now, ask your admin or try again in 1 day 2 hours 5 minutes.",
    usage_after(93_900)
)]
#[case::commas(
    "You've hit your usage limit. Try again in less: try again in 1 hour, 30 minutes, and 5 seconds.",
    usage_after(5405)
)]
#[case::later("You've hit your usage limit. Try again later.", USAGE)]
#[case::body_with_seconds(
    r#"{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached","resets_in_seconds":180000}}"#,
    usage_after(180_000)
)]
#[case::body_after_a_status(
    r#"unexpected status 429 Too Many Requests: {"error":{"code":"insufficient_quota","message":"pay"}}, url: u"#,
    USAGE
)]
#[case::code_in_body(
    r#"{"error":{"code":"context_length_exceeded","message":"x"}}"#,
    FailureKind::ContextWindow
)]
#[case::message_in_body(
    r#"{"error":{"code":null,"message":"Rate limit reached for m. Please try again in 20ms."}}"#,
    rate(20)
)]
#[case::detail_in_body(r#"{"detail":"You exceeded your current quota"}"#, USAGE)]
#[case::body_that_says_nothing(r#"{"a":1}"#, FailureKind::Other)]
#[case::a_brace_is_no_body("expected `{` at the end", FailureKind::Other)]
#[case::a_unit_that_nobody_knows("Rate limit reached. Please try again in 2 fortnights.", RATE)]
#[case::a_wait_out_of_range("Rate limit reached. Please try again in 99999999999999999999999 days.", RATE)]
fn the_time_of_the_reset_is_read(#[case] message: &str, #[case] kind: FailureKind) {
    assert_eq!(FailureKind::classify(message), kind);
}

#[rstest]
#[case(rate(1500), r#"{"name":"rateLimit","resetAfterSeconds":1.5}"#)]
#[case(usage_at("3:04 PM"), r#"{"name":"usageLimit","resetAt":"3:04 PM"}"#)]
#[case(FailureKind::StreamLost, r#"{"name":"streamLost"}"#)]
fn a_kind_is_written_with_what_is_known(#[case] kind: FailureKind, #[case] json: &str) {
    assert_eq!(serde_json::to_string(&kind).unwrap(), json);
}
