//! Words of the manifest: closed for the writer, open for the reader.

/// Declares an enum of words with a last variant that keeps every other word.
macro_rules! words {
    (
        $(#[$outer:meta])*
        pub enum $name:ident { $( $(#[$inner:meta])* $variant:ident = $word:literal, )+ }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$inner])* $variant, )+
            /// A word that this version does not know, as it was read.
            Unknown(String),
        }

        impl $name {
            /// The word as it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $word, )+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $( $word => Self::$variant, )+
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                Ok(Self::from(word.as_str()))
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "examples": [$( $word ),+] })
            }
        }
    };
}

words! {
    /// How a record ended.
    pub enum RecordState {
        /// The turn completed.
        Completed = "completed",
        /// The agent or a gate failed.
        Failed = "failed",
        /// The user ended it.
        Aborted = "aborted",
        /// It ended without an end being recorded; recovery closed it.
        Interrupted = "interrupted",
    }
}

words! {
    /// What a check of the project came to.
    #[derive(Default)]
    pub enum CheckStatus {
        /// All is well.
        Passed = "passed",
        /// It found something.
        Failed = "failed",
        /// It did not run.
        #[default]
        NotRun = "not-run",
        /// It could not run, or its report could not be read.
        Error = "error",
    }
}

words! {
    /// What a rule about one task came to.
    pub enum RuleStatus {
        /// It holds.
        Pass = "pass",
        /// It does not hold.
        Fail = "fail",
        /// It was not asked.
        Skipped = "skipped",
    }
}

words! {
    /// How far a claim on a number reaches.
    pub enum ClaimScope {
        /// All worktrees of one repository.
        Local = "local",
        /// All clones that use the same remote.
        Remote = "remote",
    }
}

words! {
    /// Where the counts of a turn's tokens come from.
    pub enum TokenSource {
        /// From the lines that Codex printed.
        Stream = "stream",
        /// From Codex's own file of the thread.
        Rollout = "rollout",
    }
}
