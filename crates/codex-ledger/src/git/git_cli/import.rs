//! Writes a commit with everything in it, in one start of git.

use super::GitCli;
use crate::git::vcs::{Created, Identity, Refs as _, VcsError, WholeCommit};

const STEP: &str = "write a commit";

impl GitCli {
    /// `fast-import` stores what it is told as it is: it reads no worktree, no index and no attributes. It moves no ref that
    /// is there to a commit that does not follow on it.
    pub(super) fn import(&self, name: &str, commit: &WholeCommit) -> Result<Created, VcsError> {
        let call = self.runner.git(STEP).args(["fast-import", "--quiet", "--done", "--date-format=raw"]);
        let output = call.stdin(self.stream(name, commit)).thorough().run()?;
        match output.code {
            Some(0) => Ok(Created::made(self.oid(&output.stdout, STEP)?)),
            _ => match self.read_ref(name)? {
                Some(oid) => Ok(Created::exists(name, oid)),
                None => Err(output.failed()),
            },
        }
    }

    fn stream(&self, name: &str, commit: &WholeCommit) -> Vec<u8> {
        let mut stream = Vec::new();
        let who = person(&commit.identity);
        let when = commit.when.as_second();
        let header =
            format!("commit {name}\nmark :1\nauthor {who} {when} +0000\ncommitter {who} {when} +0000\n");
        stream.extend_from_slice(header.as_bytes());
        data(&mut stream, commit.message.as_bytes());
        for (path, tree) in commit.trees.iter().filter(|(_, tree)| *tree != self.empty_tree) {
            stream.extend_from_slice(format!("M 040000 {tree} {}\n", path.quoted()).as_bytes());
        }
        for (path, bytes) in &commit.files {
            stream.extend_from_slice(format!("M 100644 inline {}\n", path.quoted()).as_bytes());
            data(&mut stream, bytes);
        }
        stream.extend_from_slice(b"get-mark :1\ndone\n");
        stream
    }
}

fn data(stream: &mut Vec<u8>, bytes: &[u8]) {
    stream.extend_from_slice(format!("data {}\n", bytes.len()).as_bytes());
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
}

/// A person as git writes one into a commit: without what would end the name or the address.
fn person(identity: &Identity) -> String {
    let clean = |text: &str| {
        let is_crud = |letter: char| letter <= ' ' || ".,:;<>\"\\'".contains(letter);
        text.replace(['\0', '\n', '<', '>'], "").trim_matches(is_crud).to_owned()
    };
    format!("{} <{}>", clean(&identity.name), clean(&identity.email))
}

#[cfg(test)]
mod tests {
    use super::person;
    use crate::git::vcs::Identity;

    #[test]
    fn a_person_cannot_end_the_line() {
        let identity = Identity::new(" Ada <x>\nauthor, ", "a@example.com>");
        assert_eq!(person(&identity), "Ada xauthor <a@example.com>");
    }
}
