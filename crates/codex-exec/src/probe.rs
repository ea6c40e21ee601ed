//! [`probe`]: what a program prints when it is asked a short question.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use codex_protocol::{GitSetting, is_secret_variable};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

use crate::guard::Guarded;
use crate::spawn::{Launch, Outputs, Stdin, spawn};
use crate::sweep::Marks;
use crate::{Marker, ParentDeath};

/// How much of an answer is kept; the rest is read and thrown away.
const ANSWER_LIMIT_BYTES: usize = 64 << 10;

/// Runs a program without input and gives what it printed to standard output.
///
/// Codex writes into its home and the folder for temporary files even when it is only asked for its version. Both
/// are one folder here, which is removed with all that is in it.
///
/// # Errors
///
/// It does not start, cannot be read, or takes longer than `limit` ([`io::ErrorKind::TimedOut`]); it is then killed with
/// its children.
///
/// # Cancel safety
///
/// Dropping the future kills the program and its children, from the moment it runs.
pub(crate) async fn probe(
    program: &Path,
    args: impl IntoIterator<Item = &str>,
    limit: Duration,
) -> io::Result<(ExitStatus, Vec<u8>)> {
    // Without such a folder the question is asked all the same.
    let private = tempfile::tempdir().ok();
    // What is asked may turn out not to be Codex, and no answer needs a key.
    let mut environment: BTreeMap<OsString, OsString> =
        GitSetting::retain(std::env::vars_os(), |setting| !setting.is_secret())
            .into_iter()
            .filter(|(name, value)| !is_secret(name, value))
            .collect();
    if let Some(folder) = &private {
        environment.insert("CODEX_HOME".into(), folder.path().into());
        environment.insert("TMPDIR".into(), folder.path().into());
    }
    let marker = Marker::new();
    environment.insert(marker.variable_name().into(), Marker::VALUE.into());
    let launch = Launch {
        program: program.to_owned(),
        args: args.into_iter().map(OsString::from).collect(),
        environment: environment.into_iter().collect(),
        cwd: None,
        stdin: Stdin::Null,
        outputs: Outputs::Apart,
        parent_death: ParentDeath::Ignore,
    };
    let process = spawn(launch, Marks { marker, thread: None }).await?;
    timeout(limit, answer(process)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn is_secret(name: &OsStr, value: &OsStr) -> bool {
    is_secret_variable(&name.to_string_lossy(), &value.to_string_lossy())
}

async fn answer(mut process: Guarded) -> io::Result<(ExitStatus, Vec<u8>)> {
    let (stdout, stderr) = (process.child.stdout.take(), process.child.stderr.take());
    let (printed, _) = tokio::try_join!(read(stdout), read(stderr))?;
    let status = process.child.wait().await?;
    process.guard.reaped();
    process.guard.defuse();
    Ok((status, printed))
}

async fn read(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(kept) };
    let mut chunk = [0; 4096];
    loop {
        let count = pipe.read(&mut chunk).await?;
        if count == 0 {
            return Ok(kept);
        }
        let room = ANSWER_LIMIT_BYTES - kept.len();
        kept.extend_from_slice(&chunk[..count.min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::task::{Context, Waker};
    use std::time::Instant;

    use codex_fixtures::{alive, wait_until};
    use tempfile::TempDir;

    use super::*;

    const SHELL: &str = "/bin/sh";
    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn what_it_writes_on_the_way_is_removed() {
        let command = "touch $CODEX_HOME/home $TMPDIR/temporary; echo $CODEX_HOME; ls $TMPDIR";
        let (_, printed) = probe(SHELL.as_ref(), ["-c", command], LONG).await.unwrap();
        let printed = String::from_utf8(printed).unwrap();
        let (folder, written) = printed.split_once('\n').unwrap();
        assert_eq!(written, "home\ntemporary\n");
        assert!(!Path::new(folder).exists(), "{folder}");
    }

    #[tokio::test]
    async fn the_answer_and_the_end_are_told() {
        let (status, printed) =
            probe(SHELL.as_ref(), ["-c", "echo yes; echo no >&2; exit 3"], LONG).await.unwrap();
        assert_eq!((status.code(), &*printed), (Some(3), &b"yes\n"[..]));
    }

    #[tokio::test]
    async fn of_a_long_answer_the_beginning_is_kept() {
        let command = "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2";
        let (status, printed) = probe(SHELL.as_ref(), ["-c", command], LONG).await.unwrap();
        assert_eq!((status.code(), printed.len()), (Some(0), ANSWER_LIMIT_BYTES));
    }

    #[tokio::test]
    async fn a_program_that_does_not_answer_is_not_waited_for() {
        let began = Instant::now();
        let error =
            probe(SHELL.as_ref(), ["-c", "sleep 1000"], Duration::from_millis(100)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() < LONG, "{:?}", began.elapsed());
    }

    /// A program with a child; both name themselves in a file.
    struct Family {
        scratch: TempDir,
    }

    impl Family {
        fn new() -> Self {
            Self { scratch: tempfile::tempdir().unwrap() }
        }

        fn file(&self) -> PathBuf {
            self.scratch.path().join("pids")
        }

        fn command(&self) -> String {
            let part = self.scratch.path().join("part");
            let (part, file) = (part.display(), self.file());
            format!("sleep 1000 & echo $$ $! > '{part}'; mv '{part}' '{}'; wait", file.display())
        }

        fn is_up(&self) -> bool {
            self.file().exists()
        }

        #[track_caller]
        fn assert_gone(&self) {
            let pids = std::fs::read_to_string(self.file()).unwrap();
            for pid in pids.split_whitespace().map(|pid| pid.parse().unwrap()) {
                assert!(wait_until(LONG, || !alive(pid)), "{pid} lives on");
            }
        }
    }

    #[tokio::test]
    async fn dropping_the_question_kills_the_program_and_its_children() {
        let family = Family::new();
        let command = family.command();
        let started = async {
            while !family.is_up() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            answered = probe(SHELL.as_ref(), ["-c", &command], LONG) => panic!("{answered:?}"),
            () = started => {}
        }
        family.assert_gone();
    }

    #[tokio::test]
    async fn so_does_dropping_it_before_it_knows_of_the_program() {
        let family = Family::new();
        let command = family.command();
        let mut question = Box::pin(probe(SHELL.as_ref(), ["-c", &command], LONG));
        // The one poll asks for the start; the program runs before there is another.
        assert!(question.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(wait_until(LONG, || family.is_up()));
        drop(question);
        family.assert_gone();
    }
}
