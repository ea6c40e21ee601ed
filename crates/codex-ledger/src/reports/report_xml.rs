//! [`Document`]: a report in XML, read element by element.

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::reports::report_error::ReportError;

/// How deep elements of a report may be nested.
const DEPTH_LIMIT: usize = 256;

/// Holds the text of a report in XML.
///
/// No entity is expanded and nothing outside the text is looked at.
pub(crate) struct Document<'a>(Cow<'a, str>);

/// What the reader comes to next.
pub(crate) enum XmlNode<'a> {
    Start(Element<'a>),
    End,
}

/// The start of an element.
pub(crate) struct Element<'a> {
    pub(crate) name: &'a str,
    start: &'a BytesStart<'a>,
}

/// The place of the root element in the text.
pub(crate) struct Root {
    pub(crate) name: String,
    pub(crate) outer: Range<usize>,
    pub(crate) inner: Range<usize>,
}

impl<'a> Document<'a> {
    /// Takes UTF-8 and UTF-16, with or without a mark; anything else is read as Latin-1, whose names of
    /// elements are the same.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let text = match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => utf8_or_latin_1(rest),
            [0xff, 0xfe, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
            [0xfe, 0xff, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
            [b'<', 0, ..] => Cow::Owned(utf16(bytes, u16::from_le_bytes)),
            [0, b'<', ..] => Cow::Owned(utf16(bytes, u16::from_be_bytes)),
            _ => utf8_or_latin_1(bytes),
        };
        Self(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Visits the elements in order, with the depth of each: the root's is 0.
    pub(crate) fn visit(
        &self,
        mut visitor: impl FnMut(usize, XmlNode<'_>) -> Result<(), ReportError>,
    ) -> Result<Root, ReportError> {
        let mut reader = Reader::from_str(&self.0);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().allow_dangling_amp = true;
        let mut open: Vec<String> = Vec::new();
        let mut root: Option<Root> = None;
        loop {
            let before = offset(reader.buffer_position());
            let event = reader.read_event().map_err(|source| ReportError::Xml {
                line: self.line(offset(reader.error_position())),
                source,
            })?;
            let after = offset(reader.buffer_position());
            match event {
                Event::Start(start) => {
                    let name = start.local_name();
                    let element = Element { name: name.as_ref(), start: &start };
                    if open.len() >= DEPTH_LIMIT {
                        return Err(ReportError::TooDeep { line: self.line(before), limit: DEPTH_LIMIT });
                    }
                    if open.is_empty() {
                        if let Some(root) = &root {
                            return Err(ReportError::Format {
                                expected: "one document",
                                found: format!("<{}> follows <{}>", element.name, root.name),
                            });
                        }
                        let name = element.name.to_owned();
                        root = Some(Root { name, outer: before..after, inner: after..after });
                    }
                    let depth = open.len();
                    open.push(element.name.to_owned());
                    visitor(depth, XmlNode::Start(element))?;
                }
                Event::End(_) => {
                    open.pop();
                    visitor(open.len(), XmlNode::End)?;
                    if let Some(root) = root.as_mut().filter(|_| open.is_empty()) {
                        root.inner.end = before.max(root.inner.start);
                        root.outer.end = after;
                    }
                }
                Event::Eof => break,
                Event::Empty(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        }
        if let Some(name) = open.pop() {
            let element = format!("<{name}>");
            return Err(ReportError::Truncated { line: self.line(self.0.len()), element });
        }
        root.ok_or(ReportError::Empty)
    }

    fn line(&self, offset: usize) -> u64 {
        let before = &self.0.as_bytes()[..offset.min(self.0.len())];
        1 + memchr::memchr_iter(b'\n', before).count() as u64
    }
}

impl Element<'_> {
    /// An attribute as it is written, with entities as they stand.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        let attributes = attributes.with_checks(false);
        attributes
            .flatten()
            .find(|attribute| attribute.key.as_ref() == name)
            .map(|found| found.value.into_owned())
    }

    /// An attribute that counts something; some tools write `12.0`.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, ReportError> {
        let Some(value) = self.attribute(name) else { return Ok(None) };
        let digits = value.trim().trim_end_matches('0').trim_end_matches('.');
        let digits = if value.contains('.') { digits } else { value.trim() };
        let digits = if digits.is_empty() { "0" } else { digits };
        match digits.parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) => Err(ReportError::Number { name: name.to_owned(), value }),
        }
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).expect("a position within a slice fits an usize")
}

fn utf8_or_latin_1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
