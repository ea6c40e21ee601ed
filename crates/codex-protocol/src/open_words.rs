//! [`open_words`]: closed sets of words that stay open, because the next release may print another one.

/// Declares an enum of words with a last variant that keeps every other word.
macro_rules! open_words {
    ( $(#[$outer:meta])* pub enum $name:ident: $($rest:tt)* ) => {
        $crate::open_words::open_words! { @words $(#[$outer])* pub enum $name: $($rest)* }

        impl $name {
            /// Whether this version has a variant of its own for the word.
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }
    };
    ( $(#[$outer:meta])* pub(crate) enum $($rest:tt)* ) => {
        $crate::open_words::open_words! { @words $(#[$outer])* pub(crate) enum $($rest)* }
    };
    (
        @words
        $(#[$outer:meta])*
        $visibility:vis enum $name:ident: $what:literal {
            $( $(#[$inner:meta])* $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $visibility enum $name {
            $( $(#[$inner])* $variant, )+
            /// A word that this version does not know, as it was printed.
            Unknown(String),
        }

        impl $name {
            /// The word as it stands in the line.
            $visibility fn as_str(&self) -> &str {
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
                struct Word;
                impl serde::de::Visitor<'_> for Word {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!($what, " as a string"))
                    }
                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$name, E> {
                        Ok($name::from(word))
                    }
                }
                deserializer.deserialize_str(Word)
            }
        }
    };
}

pub(crate) use open_words;
