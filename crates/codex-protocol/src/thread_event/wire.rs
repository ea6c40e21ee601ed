//! How a [`ThreadEvent`] is read from and written to a line.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;

use super::{ThreadEvent, UnknownEvent};
use crate::decode::{EventName, Tagged, TaggedVisitor};
use crate::thread_item::ThreadItem;

impl<'de> Deserialize<'de> for ThreadEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TaggedVisitor::new())
    }
}

impl<'de> Tagged<'de> for ThreadEvent {
    type Name = EventName;
    const WHAT: &'static str = "an event";

    fn read<D: Deserializer<'de>>(name: EventName, payload: D) -> Result<Self, D::Error> {
        let item = |payload| ItemPayload::deserialize(payload).map(|payload| payload.item);
        Ok(match name {
            EventName::ThreadStarted => Self::ThreadStarted(Deserialize::deserialize(payload)?),
            EventName::TurnStarted => Self::TurnStarted(Deserialize::deserialize(payload)?),
            EventName::TurnCompleted => Self::TurnCompleted(Deserialize::deserialize(payload)?),
            EventName::TurnFailed => Self::TurnFailed(Deserialize::deserialize(payload)?),
            EventName::ItemStarted => Self::ItemStarted(item(payload)?),
            EventName::ItemUpdated => Self::ItemUpdated(item(payload)?),
            EventName::ItemCompleted => Self::ItemCompleted(item(payload)?),
            EventName::Error => Self::Error(Deserialize::deserialize(payload)?),
            EventName::Unknown(name) => {
                Self::Unknown(UnknownEvent { name, payload: Map::deserialize(payload)? })
            }
        })
    }
}

#[derive(Deserialize)]
struct ItemPayload {
    item: ThreadItem,
}

impl Serialize for ThreadEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = self.name();
        match self {
            Self::ThreadStarted(payload) => WireLine { name, payload }.serialize(serializer),
            Self::TurnStarted(payload) => WireLine { name, payload }.serialize(serializer),
            Self::TurnCompleted(payload) => WireLine { name, payload }.serialize(serializer),
            Self::TurnFailed(payload) => WireLine { name, payload }.serialize(serializer),
            Self::ItemStarted(item) | Self::ItemUpdated(item) | Self::ItemCompleted(item) => {
                ItemLine { name, item }.serialize(serializer)
            }
            Self::Error(payload) => WireLine { name, payload }.serialize(serializer),
            Self::Unknown(unknown) => WireLine { name, payload: &unknown.payload }.serialize(serializer),
        }
    }
}

#[derive(Serialize)]
struct WireLine<'a, P> {
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(flatten)]
    payload: &'a P,
}

#[derive(Serialize)]
struct ItemLine<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    item: &'a ThreadItem,
}
