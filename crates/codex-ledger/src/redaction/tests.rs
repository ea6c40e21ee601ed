//! What is a secret, what is none, and that none survives.

use std::time::Instant;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn redactor() -> Redactor {
    let environment = [
        ("DB_PASSWORD", "hunter2-and-more"),
        ("DB_PASSWORD_OLD_SECRET", "and-more-than-that"),
        ("TOKENIZERS_PARALLELISM", "true"),
        ("AUTH_TOKEN", "12345678"),
        ("APP_SECRET", "production"),
        ("SSH_KEY", "/home/ada/.ssh/id"),
        ("JSON_SECRET", "quote\"back\\slash"),
        ("INDEX_KEY", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("PLAIN", "plain-value-1"),
        ("NOTIFY", "https://hooks.slack.com/services/T0/B0/x"),
    ];
    let rules = RedactionRules::none()
        .environment(environment)
        .dotenv(parse_dotenv(b"STRIPE_SECRET='dotenv-value-9'\n"))
        .home("/home/ada")
        .keep(["da39a3ee5e6b4b0d3255bfef95601890afd80709"]);
    Redactor::new(rules).unwrap()
}

fn redacted(text: &str) -> String {
    String::from_utf8(redactor().redact(text.as_bytes()).bytes).unwrap()
}

#[rstest]
#[case::exact("x hunter2-and-more y", "x [REDACTED:environment] y")]
#[case::dotenv("dotenv-value-9", "[REDACTED:dotenv]")]
#[case::json(r#"{"a":"quote\"back\\slash"}"#, r#"{"a":"[REDACTED:environment]"}"#)]
#[case::url_encoded("?p=quote%22back%5Cslash", "?p=[REDACTED:environment]")]
#[case::by_its_form("to https://hooks.slack.com/services/T0/B0/x", "to [REDACTED:environment]")]
#[case::webhook(
    "https://hooks.slack.com/services/T00000001/B0000/aB3dEf, said",
    "https://[REDACTED:slack-webhook], said"
)]
#[case::connection("AccountName=a;AccountKey=Zm9vYmFyMTIz", "AccountName=a;AccountKey=[REDACTED:assignment]")]
#[case::pass_in_a_file("DB_PASS=correcthorsebattery", "DB_PASS=[REDACTED:assignment]")]
#[case::no_pass("BYPASS=correcthorsebattery", "BYPASS=correcthorsebattery")]
#[case::overlapping("hunter2-and-more-than-that", "[REDACTED:environment]")]
#[case::github("a ghp_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789 b", "a [REDACTED:github-token] b")]
#[case::openai(r#""sk-proj-abcDEF0123456789_-xyz""#, r#""[REDACTED:openai-key]""#)]
#[case::escaped(r"x\nAKIAIOSFODNN7EXAMPLE", r"x\n[REDACTED:aws-key]")]
#[case::jwt(
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "[REDACTED:json-web-token]"
)]
#[case::shell("export API_KEY=correcthorsebattery\n", "export API_KEY=[REDACTED:assignment]\n")]
#[case::shell_quoted("MY_PASSWORD='correct horse'", "MY_PASSWORD='[REDACTED:assignment]'")]
#[case::json_key(r#"{"password": "s3cr3t-pw"}"#, r#"{"password": "[REDACTED:assignment]"}"#)]
#[case::json_in_json(
    r#"{\"clientSecret\":\"abc123!xyz\"}"#,
    r#"{\"clientSecret\":\"[REDACTED:assignment]\"}"#
)]
#[case::yaml("db_password: Xy7Qm2Lp9\n", "db_password: [REDACTED:assignment]\n")]
#[case::query("https://h/x?access_token=aB3dEfGh&y=1", "https://h/x?access_token=[REDACTED:assignment]&y=1")]
#[case::url("postgres://ada:hunter2@db/x", "postgres://ada:[REDACTED:url-credentials]@db/x")]
#[case::url_at("https://u:p@ss@h/", "https://u:[REDACTED:url-credentials]@h/")]
#[case::bearer("Authorization: Bearer abcdef0123456789xyz", "Authorization: Bearer [REDACTED:authorization]")]
#[case::basic("authorization: Basic YWRhOmh1bnRlcjI=", "authorization: Basic [REDACTED:authorization]")]
#[case::home("cd /home/ada/src, /home/ada.", "cd [REDACTED:home]/src, [REDACTED:home].")]
#[case::private_key(
    "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----\nb",
    "a\n[REDACTED:private-key]\nb"
)]
#[case::cut_key("-----BEGIN PRIVATE KEY-----\n+MIIEow==\n+abc", "[REDACTED:private-key]")]
fn a_secret_is_replaced(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(redacted(text), expected);
    assert_eq!(redacted(expected), expected, "and stays so");
}

#[rstest]
#[case::switch("true TRUE is true")]
#[case::number("12345678")]
#[case::word("production")]
#[case::path("/home/adam /mnt/home/ada /home/ada.old/x /home/ada-2")]
#[case::plain_name("plain-value-1")]
#[case::kept("da39a3ee5e6b4b0d3255bfef95601890afd80709")]
#[case::object_id("index 83db48f..bf2a8a4 commit=e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
#[case::sum(r#""sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""#)]
#[case::uid(r#""uid": "0199a213-81c0-7800-8aa1-bbab2a035a53""#)]
#[case::code("let token = tokenizer.next_token(); password = get_password(user)")]
#[case::types("pub password: String, token: Option<Secret>, secret_key: &'static str")]
#[case::reference("TOKEN=$GITHUB_TOKEN PASSWORD=${PW} API_KEY=<your key> api_key: process.env.API_KEY1")]
#[case::url(
    "https://example.com:8080/a@b ssh://git@github.com/x http://u:$PW@h/ https://user@dev.azure.com/"
)]
#[case::word_with_sk("task-description-for-the-2nd-thing risk-sk-learn")]
#[case::public_key("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----")]
#[case::prose("the token: a word; Bearer of bad news, Basic training")]
fn what_is_no_secret_stays(#[case] text: &str) {
    assert_eq!(redacted(text), text);
}

#[rstest]
#[case::path("API_KEY=src/backdoor.py", "src/backdoor.py is new")]
#[case::file("API_KEY=backdoor.py", "backdoor.py")]
#[case::numbered_path("API_KEY=src/a1/b2.rs", "src/a1/b2.rs")]
#[case::phrase("Y_TOKEN=\"exit code 0\"", "ended with exit code 0")]
#[case::state("A_PASSWORD=completed", "State: completed.")]
#[case::part_of_a_word("A_PASSWORD=ompleted", "State: completed.")]
#[case::heading("A_SECRET='Statement of Work'", "## Statement of Work")]
#[case::word("A_SECRET=unittests", "unittests")]
#[case::capital("A_SECRET=Dockerfile", "Dockerfile")]
fn a_value_of_a_file_that_stands_everywhere_blinds_nothing(#[case] line: &str, #[case] text: &str) {
    let rules = RedactionRules::none().dotenv(parse_dotenv(line.as_bytes()));
    let redacted = Redactor::new(rules).unwrap().redact(text.as_bytes());
    assert_eq!(String::from_utf8(redacted.bytes).unwrap(), text);
}

#[rstest]
#[case::hyphens("correct-horse-battery-staple")]
#[case::words("correct horse battery staple")]
#[case::base64("q83vEjRW/eFrze8SNFZ4kKvN7w==")]
#[case::hexadecimal("deadbeef00112233")]
#[case::letters("abcdefghijklmnopqrstuvwx")]
#[case::mixed("AbCdEfGhIj")]
#[case::sentence_with_a_number("t0ps3cret completed")]
fn a_value_of_a_file_that_a_person_makes_up_is_a_secret(#[case] value: &str) {
    let rules = RedactionRules::none().dotenv([("A_TOKEN", value)]);
    let redacted = Redactor::new(rules).unwrap().redact(format!("x {value} y").as_bytes());
    assert_eq!(redacted.bytes, b"x [REDACTED:dotenv] y");
}

#[test]
fn the_password_of_a_url_is_a_secret_in_both_spellings() {
    let proxy = ("https_proxy", "http://ada:p%40ss-w0rd!@proxy.example:3128");
    let redactor = Redactor::new(RedactionRules::of_environment([proxy])).unwrap();
    let text = redactor.redact(b"p%40ss-w0rd! and p@ss-w0rd! at proxy.example").bytes;
    assert_eq!(text, b"[REDACTED:environment] and [REDACTED:environment] at proxy.example");
}

#[test]
fn each_rule_is_counted() {
    let text = "hunter2-and-more hunter2-and-more /home/ada/x https://u:pw@h/";
    let counts = redactor().redact(text.as_bytes()).counts;
    assert_eq!(Vec::from_iter(counts), [("environment", 2), ("home", 1), ("url-credentials", 1)]);
}

#[test]
fn the_lines_of_a_key_in_a_variable_are_found_behind_the_signs_of_a_patch() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq0\nhkiG9w0BAQEFAASC1\n-----END PRIVATE KEY-----";
    let redactor = Redactor::new(RedactionRules::of_environment([("DEPLOY_KEY", key)])).unwrap();
    let text = redactor.redact(b"+MIIEvQIBADANBgkq0\n+hkiG9w0BAQEFAASC1\n").bytes;
    assert_eq!(text, b"+[REDACTED:environment]\n+[REDACTED:environment]\n");
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
    assert_eq!(redactor().redact(&bytes).bytes, bytes);
}

#[rstest]
#[case::begins("-----BEGIN PRIVATE KEY-----")]
#[case::prefixes("sk-eyJ.AIza")]
#[case::assignments("token=")]
#[case::urls("a://")]
#[case::bearers("Bearer ")]
#[case::json("{\"password\":\"")]
#[case::values("hunter2-and-mor")]
#[case::letters("a")]
#[case::at_signs("x://a:b@")]
fn a_mebibyte_of_anything_takes_linear_time(#[case] part: &str) {
    let redactor = redactor();
    let time = |bytes: usize| {
        let text = part.repeat(bytes / part.len());
        let start = Instant::now();
        redactor.redact(text.as_bytes());
        start.elapsed()
    };
    let (short, long) = (time(64 * 1024), time(1024 * 1024));
    // Sixteen times the text; quadratic time would be 256 times.
    assert!(long < short * 100 + std::time::Duration::from_millis(200), "{short:?}, then {long:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_survives_and_nothing_changes_twice(
        secrets in proptest::collection::vec("[a-c!\"\\\\]{4,8}[A-C0-9]{4,8}", 1..4),
        gaps in proptest::collection::vec("[a-zA-C0-9 =:/@\n\"\\[\\]]{0,12}|token=|://|sk-|\\[REDACTED:home\\]", 1..8),
    ) {
        let variables = secrets.iter().enumerate().map(|(at, secret)| (format!("A{at}_TOKEN"), secret.clone()));
        let redactor = Redactor::new(RedactionRules::of_environment(variables)).unwrap();
        let mut text = String::new();
        for (at, gap) in gaps.iter().enumerate() {
            text.push_str(gap);
            text.push_str(&secrets[at % secrets.len()]);
        }
        let once = redactor.redact(text.as_bytes());
        let result = String::from_utf8(once.bytes.clone()).unwrap();
        for secret in &secrets {
            prop_assert!(!result.contains(secret.as_str()), "{secret:?} is in {result:?}");
        }
        prop_assert_eq!(redactor.redact(&once.bytes).bytes, once.bytes);
    }

    #[test]
    fn text_without_secrets_is_unchanged(text in "([a-z]{0,7}[ .,\n(){};-]){0,60}") {
        prop_assert_eq!(redacted(&text), text);
    }
}
