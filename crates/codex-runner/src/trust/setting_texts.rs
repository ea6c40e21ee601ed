//! [`SettingTexts`]: every text of a parsed file of settings.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// Every text of a parsed TOML or JSON file, keys included, without the escapes of its format. A key that stands twice
/// hides nothing.
#[derive(Debug, Default)]
pub(crate) struct SettingTexts(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for SettingTexts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamedTexts)
    }
}

struct NamedTexts;

impl<'de> Visitor<'de> for NamedTexts {
    type Value = SettingTexts;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<SettingTexts, E> {
        Ok(SettingTexts(vec![text.to_owned()]))
    }

    fn visit_bool<E>(self, _: bool) -> Result<SettingTexts, E> {
        Ok(SettingTexts::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<SettingTexts, E> {
        Ok(SettingTexts::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<SettingTexts, E> {
        Ok(SettingTexts::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<SettingTexts, E> {
        Ok(SettingTexts::default())
    }

    fn visit_unit<E>(self) -> Result<SettingTexts, E> {
        Ok(SettingTexts::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<SettingTexts, A::Error> {
        let mut texts = Vec::new();
        while let Some(SettingTexts(more)) = values.next_element()? {
            texts.extend(more);
        }
        Ok(SettingTexts(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<SettingTexts, A::Error> {
        let mut texts = Vec::new();
        while let Some((key, SettingTexts(more))) = entries.next_entry::<String, SettingTexts>()? {
            texts.push(key);
            texts.extend(more);
        }
        Ok(SettingTexts(texts))
    }
}
