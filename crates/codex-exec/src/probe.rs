//! [`probe`]: what a program prints when it is asked a short question.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use codex_protocol::{GitSetting, is_secret_variable};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;
use tokio::time::timeout;

use crate::spawn::{Launch, Outputs, Stdin, spawn};
use crate::{ParentDeath, RuntimeError};

/// How much of an answer is kept; the rest is read and thrown away.
const ANSWER_LIMIT_BYTES: usize = 64 << 10;

/// Runs a program without input and gives what it printed to standard output.
///
/// Codex writes into its home and the folder for temporary files even when it is only asked for its version. Both
/// are one folder here, which is removed with all that is in it.
///
/// # Errors
///
/// It does not start, cannot be read, or takes longer than `limit` ([`io::ErrorKind::TimedOut`]); its process
/// group is then killed.
///
/// # Cancel safety
///
/// Dropping the future kills the process group.
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
    RuntimeError::check()?;
    let launch = Launch {
        program: program.to_owned(),
        args: args.into_iter().map(OsString::from).collect(),
        environment: environment.into_iter().collect(),
        cwd: None,
        stdin: Stdin::Null,
        outputs: Outputs::Apart,
        parent_death: ParentDeath::Ignore,
    };
    let mut probed = Probed { child: spawn(launch).await?, group: None };
    probed.group = probed.child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    timeout(limit, probed.answer()).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn is_secret(name: &OsStr, value: &OsStr) -> bool {
    is_secret_variable(&name.to_string_lossy(), &value.to_string_lossy())
}

struct Probed {
    child: Child,
    /// The group to kill, as long as its leader has not been waited for.
    group: Option<Pid>,
}

impl Probed {
    async fn answer(&mut self) -> io::Result<(ExitStatus, Vec<u8>)> {
        let stdout = self.child.stdout.take();
        let stderr = self.child.stderr.take();
        let answer = async {
            let (printed, _) = tokio::try_join!(read(stdout), read(stderr))?;
            Ok::<_, io::Error>(printed)
        };
        let printed = answer.await?;
        let status = self.child.wait().await?;
        self.group = None;
        Ok((status, printed))
    }
}

impl Drop for Probed {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // A group that is gone already is what was wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
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
    use std::time::Instant;

    use codex_fixtures::{alive, wait_until};

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

    #[tokio::test]
    async fn dropping_the_question_kills_the_program_and_its_children() {
        let scratch = tempfile::tempdir().unwrap();
        let (part, file) = (scratch.path().join("part"), scratch.path().join("pids"));
        let command =
            format!("sleep 1000 & echo $$ $! > '{}'; mv '{0}' '{}'; wait", part.display(), file.display());
        let started = async {
            while !file.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            answered = probe(SHELL.as_ref(), ["-c", &command], LONG) => panic!("{answered:?}"),
            () = started => {}
        }
        let pids = std::fs::read_to_string(file).unwrap();
        for pid in pids.split_whitespace().map(|pid| pid.parse().unwrap()) {
            assert!(wait_until(LONG, || !alive(pid)), "{pid} lives on");
        }
    }
}
