//! [`WebSearch`]: a search of the web, or a look at a page.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::decode::{Tagged, TaggedVisitor};
use crate::open_words::open_words;

/// A search of the web, or a look at a page.
///
/// In the line, the item has the key `id` twice: the first is the item's id, the second this search's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WebSearch {
    /// The model's own id of the search; not printed before 0.120.
    #[serde(rename = "id", default, skip_serializing_if = "Option::is_none")]
    pub search_id: Option<String>,
    /// What was searched for; empty while it is not known yet.
    #[serde(default)]
    pub query: String,
    /// What exactly was done; not printed before 0.120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<WebSearchAction>,
}

/// Says what exactly was done on the web.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WebSearchAction {
    /// Pages were searched for.
    Search(SearchAction),
    /// A page was opened.
    OpenPage(OpenPageAction),
    /// A text was looked for in a page.
    FindInPage(FindInPageAction),
    /// Codex itself does not know, or not yet.
    Other,
    /// An action that this version does not know.
    Unknown(UnknownAction),
}

impl WebSearchAction {
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

/// A search for pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchAction {
    /// What was searched for, if it was one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What was searched for, if it was several things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queries: Option<Vec<String>>,
}

/// A page that was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OpenPageAction {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A text that was looked for in a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FindInPageAction {
    /// The address of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// Keeps an action that this version does not know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UnknownAction {
    /// Its type.
    pub name: String,
    /// Its keys other than `type`.
    pub payload: Map<String, Value>,
}

open_words! {
    pub(crate) enum ActionName: "an action's type" {
        Search = "search",
        OpenPage = "open_page",
        FindInPage = "find_in_page",
        Other = "other",
    }
}

impl<'de> Deserialize<'de> for WebSearchAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TaggedVisitor::new())
    }
}

impl<'de> Tagged<'de> for WebSearchAction {
    type Name = ActionName;
    const WHAT: &'static str = "an action";

    fn read<D: Deserializer<'de>>(name: ActionName, payload: D) -> Result<Self, D::Error> {
        Ok(match name {
            ActionName::Search => Self::Search(Deserialize::deserialize(payload)?),
            ActionName::OpenPage => Self::OpenPage(Deserialize::deserialize(payload)?),
            ActionName::FindInPage => Self::FindInPage(Deserialize::deserialize(payload)?),
            ActionName::Other => {
                serde::de::IgnoredAny::deserialize(payload)?;
                Self::Other
            }
            ActionName::Unknown(name) => {
                Self::Unknown(UnknownAction { name, payload: Map::deserialize(payload)? })
            }
        })
    }
}

impl Serialize for WebSearchAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Search(payload) => Wire { name: "search", payload }.serialize(serializer),
            Self::OpenPage(payload) => Wire { name: "open_page", payload }.serialize(serializer),
            Self::FindInPage(payload) => Wire { name: "find_in_page", payload }.serialize(serializer),
            Self::Other => Wire { name: "other", payload: &Nothing {} }.serialize(serializer),
            Self::Unknown(unknown) => {
                Wire { name: &unknown.name, payload: &unknown.payload }.serialize(serializer)
            }
        }
    }
}

#[derive(Serialize)]
struct Wire<'a, P> {
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(flatten)]
    payload: &'a P,
}

#[derive(Serialize)]
struct Nothing {}
