//! [`Tagged`]: objects that say in `type` what they are.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::Node;

/// An object whose key `type` chooses what the other keys mean.
pub(crate) trait Tagged<'de>: Sized {
    /// The types there are.
    type Name: Deserialize<'de>;
    /// What to call it in an error.
    const WHAT: &'static str;

    /// Reads the keys other than `type`.
    fn read<D: Deserializer<'de>>(name: Self::Name, payload: D) -> Result<Self, D::Error>;
}

/// Reads a [`Tagged`] object: at once if `type` is its first key, else through [`OtherKeys`].
pub(crate) struct TaggedVisitor<T>(PhantomData<T>);

impl<T> TaggedVisitor<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Tagged<'de>> Visitor<'de> for TaggedVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as an object", T::WHAT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        match map.next_key()? {
            Some(TagKey::Type) => {
                let name = map.next_value()?;
                T::read(name, MapAccessDeserializer::new(map))
            }
            Some(key) => {
                let mut rest = OtherKeys::default();
                rest.read_value(key, &mut map)?;
                rest.read_all(map)?;
                let name = rest.take("type")?;
                T::read(name, rest.into_node()).map_err(A::Error::custom)
            }
            None => Err(A::Error::missing_field("type")),
        }
    }
}

/// The keys of an object that came in an unusual order.
#[derive(Default)]
pub(crate) struct OtherKeys(Vec<(String, Node)>);

impl OtherKeys {
    pub(crate) fn push(&mut self, key: &str, node: Node) {
        self.0.push((key.to_owned(), node));
    }

    pub(crate) fn read_value<'de, A: MapAccess<'de>>(
        &mut self,
        key: TagKey,
        map: &mut A,
    ) -> Result<(), A::Error> {
        let node = map.next_value()?;
        self.0.push((key.into_string(), node));
        Ok(())
    }

    pub(crate) fn read_all<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(pair) = map.next_entry()? {
            self.0.push(pair);
        }
        Ok(())
    }

    /// Takes the first value under `key` out and reads it.
    pub(crate) fn take<'de, T: Deserialize<'de>, E: Error>(&mut self, key: &'static str) -> Result<T, E> {
        match self.0.iter().position(|(name, _)| name == key) {
            Some(at) => {
                T::deserialize(self.0.remove(at).1).map_err(|fault| E::custom(fault.below(key.to_owned())))
            }
            None => Err(E::missing_field(key)),
        }
    }

    pub(crate) fn into_node(self) -> Node {
        Node::Object(self.0)
    }
}

/// A key, of which only two are told apart while the type is not known.
pub(crate) enum TagKey {
    Id,
    Type,
    Other(String),
}

impl TagKey {
    fn into_string(self) -> String {
        match self {
            Self::Id => "id".to_owned(),
            Self::Type => "type".to_owned(),
            Self::Other(key) => key,
        }
    }
}

impl<'de> Deserialize<'de> for TagKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = TagKey;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E>(self, key: &str) -> Result<TagKey, E> {
                Ok(match key {
                    "id" => TagKey::Id,
                    "type" => TagKey::Type,
                    other => TagKey::Other(other.to_owned()),
                })
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}
