//! How a [`ThreadItem`] is read from and written to a line.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;

use super::{ItemDetails, ThreadItem, UnknownItem};
use crate::decode::{Node, OtherKeys, TagKey};
use crate::item_id::ItemId;
use crate::open_words::open_words;

open_words! {
    pub(crate) enum ItemName: "an item type" {
        AgentMessage = "agent_message",
        Reasoning = "reasoning",
        CommandExecution = "command_execution",
        FileChange = "file_change",
        McpToolCall = "mcp_tool_call",
        WebSearch = "web_search",
        TodoList = "todo_list",
        CollabToolCall = "collab_tool_call",
        Error = "error",
    }
}

impl ItemDetails {
    fn read<'de, D: Deserializer<'de>>(name: ItemName, payload: D) -> Result<Self, D::Error> {
        Ok(match name {
            ItemName::AgentMessage => Self::AgentMessage(Deserialize::deserialize(payload)?),
            ItemName::Reasoning => Self::Reasoning(Deserialize::deserialize(payload)?),
            ItemName::CommandExecution => Self::CommandExecution(Deserialize::deserialize(payload)?),
            ItemName::FileChange => Self::FileChange(Deserialize::deserialize(payload)?),
            ItemName::McpToolCall => Self::McpToolCall(Deserialize::deserialize(payload)?),
            ItemName::WebSearch => Self::WebSearch(Deserialize::deserialize(payload)?),
            ItemName::TodoList => Self::TodoList(Deserialize::deserialize(payload)?),
            ItemName::CollabToolCall => Self::CollabToolCall(Deserialize::deserialize(payload)?),
            ItemName::Error => Self::Error(Deserialize::deserialize(payload)?),
            ItemName::Unknown(name) => {
                Self::Unknown(UnknownItem { name, payload: Map::deserialize(payload)? })
            }
        })
    }
}

impl<'de> Deserialize<'de> for ThreadItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = ThreadItem;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item as an object")
    }

    /// Reads `id`, then `type`, then hands the rest to the payload, in which a second `id` is a search's own.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ThreadItem, A::Error> {
        let mut rest = OtherKeys::default();
        match map.next_key()? {
            Some(TagKey::Id) => {
                let id: ItemId = map.next_value()?;
                match map.next_key()? {
                    Some(TagKey::Type) => {
                        let name = map.next_value()?;
                        let details = ItemDetails::read(name, MapAccessDeserializer::new(map))?;
                        return Ok(ThreadItem { id, details });
                    }
                    Some(key) => {
                        rest.push("id", Node::Text(id.as_str().to_owned()));
                        rest.read_value(key, &mut map)?;
                    }
                    None => return Err(A::Error::missing_field("type")),
                }
            }
            Some(key) => rest.read_value(key, &mut map)?,
            None => return Err(A::Error::missing_field("type")),
        }
        rest.read_all(map)?;
        let name = rest.take("type")?;
        let id = rest.take("id")?;
        let details = ItemDetails::read(name, rest.into_node()).map_err(A::Error::custom)?;
        Ok(ThreadItem { id, details })
    }
}

impl Serialize for ThreadItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (id, name) = (&self.id, self.name());
        match &self.details {
            ItemDetails::AgentMessage(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::Reasoning(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::CommandExecution(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::FileChange(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::McpToolCall(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::WebSearch(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::TodoList(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::CollabToolCall(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::Error(payload) => Wire { id, name, payload }.serialize(serializer),
            ItemDetails::Unknown(unknown) => {
                Wire { id, name, payload: &unknown.payload }.serialize(serializer)
            }
        }
    }
}

#[derive(Serialize)]
struct Wire<'a, P> {
    id: &'a ItemId,
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(flatten)]
    payload: &'a P,
}
