//! [`object_name`]: how git names an object.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::hash::hex;
use super::oid::Oid;

/// The name that git gives to an object with these bytes, in a repository whose names are as long as `like`.
pub(crate) fn object_name(kind: &str, bytes: &[u8], like: &Oid) -> Oid {
    let header = format!("{kind} {}\0", bytes.len());
    let digits = if like.as_str().len() == 64 {
        hex(&Sha256::new().chain_update(header).chain_update(bytes).finalize())
    } else {
        hex(&Sha1::new().chain_update(header).chain_update(bytes).finalize())
    };
    digits.parse().expect("a hash is an object's name")
}

#[cfg(test)]
mod tests {
    use super::object_name;

    /// The names of the empty tree that git documents.
    #[test]
    fn objects_have_the_names_that_git_gives_them() {
        for name in [
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        ] {
            assert_eq!(object_name("tree", b"", &name.parse().unwrap()).as_str(), name);
        }
        let like = "0".repeat(40).parse().unwrap();
        let hello = object_name("blob", b"hello\n", &like);
        assert_eq!(hello.as_str(), "ce013625030ba8dba906f756967f9e9ca394464a");
    }
}
