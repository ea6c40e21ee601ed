//! [`FrameWriter`]: the lines of a turn in the journal, each with the time at which it arrived.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_protocol::EventLine;
use jiff::Timestamp;

use crate::system::plain_file::open_plain;
use crate::system::{Disk, DiskFile};

/// A line and when it arrived.
#[derive(Debug, Clone)]
pub(crate) struct TimedLine {
    /// The Codex turn that it belongs to, counted from 1.
    pub(crate) turn: u32,
    pub(crate) at: Timestamp,
    pub(crate) line: EventLine,
}

/// Writes lines as they arrive.
///
/// A line is a header, `turn number nanoseconds kept-bytes original-bytes`, and its bytes. A write that fails
/// may leave half a line, which ends what can be read of its file; so the next line begins a new one.
pub(crate) struct FrameWriter {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    file: Option<Box<dyn DiskFile>>,
    files: u32,
    bytes: u64,
    limit_bytes: u64,
    lost: u64,
    fault: Option<String>,
    /// Whether something was written since it was last synced.
    has_news: bool,
}

/// A disk that fails this often is not asked again.
const MAX_FILES: u32 = 16;

/// A frame up to this length is put together and written at once; a longer one is written in parts, not copied.
const COPIED_BYTES: usize = 64 << 10;

impl FrameWriter {
    pub(crate) fn new(disk: Arc<dyn Disk>, folder: PathBuf, limit_bytes: u64) -> Self {
        Self {
            disk,
            folder,
            file: None,
            files: 0,
            bytes: 0,
            limit_bytes,
            lost: 0,
            fault: None,
            has_news: false,
        }
    }

    /// Goes on after the files that an earlier writer has left, the last of which may end in half a line.
    pub(crate) fn go_on(&mut self) {
        while self.files < MAX_FILES
            && let Ok(found) = std::fs::metadata(segment(&self.folder, self.files + 1))
        {
            self.files += 1;
            self.bytes = self.bytes.saturating_add(found.len());
        }
    }

    pub(crate) fn append(&mut self, turn: u32, at: Timestamp, line: &EventLine) {
        let raw = line.raw();
        let header = format!(
            "{turn} {} {} {} {}\n",
            line.number(),
            at.as_nanosecond(),
            raw.len(),
            line.original_bytes()
        );
        let length = header.len() + raw.len() + 1;
        self.bytes = self.bytes.saturating_add(length as u64);
        if self.bytes > self.limit_bytes {
            self.lose(format!("more than {} bytes of lines", self.limit_bytes));
            return;
        }
        let written = if length <= COPIED_BYTES {
            self.write(&[&[header.as_bytes(), raw, b"\n"].concat()])
        } else {
            self.write(&[header.as_bytes(), raw, b"\n"])
        };
        if let Err(error) = written {
            self.file = None;
            self.lose(error.to_string());
        }
    }

    fn write(&mut self, parts: &[&[u8]]) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None if self.files == MAX_FILES => {
                return Err(std::io::Error::other("the disk failed too often"));
            }
            None => {
                self.files += 1;
                let file = self.disk.open_append(&segment(&self.folder, self.files))?;
                self.file.insert(file)
            }
        };
        self.has_news = true;
        parts.iter().try_for_each(|part| file.write(part))
    }

    fn lose(&mut self, fault: String) {
        self.lost += 1;
        self.fault.get_or_insert(fault);
    }

    /// Makes the lines survive a crash of the machine.
    pub(crate) fn sync(&mut self) {
        if !std::mem::take(&mut self.has_news) {
            return;
        }
        if let Some(file) = &mut self.file
            && let Err(error) = file.sync()
        {
            self.fault.get_or_insert(error.to_string());
        }
    }

    /// What could not be kept, in one sentence.
    pub(crate) fn fault(&self) -> Option<String> {
        let fault = self.fault.as_ref()?;
        Some(match self.lost {
            0 => format!("the lines of the turn may not survive a crash: {fault}"),
            lost => format!("{lost} lines of the turn were not kept: {fault}"),
        })
    }
}

fn segment(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("lines-{number:02}"))
}

/// Reads the lines back, in the order in which they arrived; what is torn is left out.
pub(crate) struct Frames {
    folder: PathBuf,
    files: u32,
    file: Option<BufReader<File>>,
}

impl Frames {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), files: 0, file: None }
    }
}

impl Iterator for Frames {
    type Item = TimedLine;

    fn next(&mut self) -> Option<TimedLine> {
        loop {
            if let Some(file) = &mut self.file {
                if let Some(frame) = read_frame(file) {
                    return Some(frame);
                }
                self.file = None;
            }
            if self.files == MAX_FILES {
                return None;
            }
            self.files += 1;
            // A file whose making failed is not there, and the next one may be.
            self.file = open_plain(&segment(&self.folder, self.files)).ok().map(BufReader::new);
        }
    }
}

fn read_frame(file: &mut BufReader<File>) -> Option<TimedLine> {
    let mut header = String::new();
    file.take(128).read_line(&mut header).ok()?;
    let mut fields = header.strip_suffix('\n')?.split(' ');
    let turn = fields.next()?.parse().ok()?;
    let number = fields.next()?.parse().ok()?;
    let at = Timestamp::from_nanosecond(fields.next()?.parse().ok()?).ok()?;
    let kept: u64 = fields.next()?.parse().ok()?;
    let original: u64 = fields.next()?.parse().ok()?;
    let mut raw = Vec::new();
    file.take(kept.checked_add(1)?).read_to_end(&mut raw).ok()?;
    if raw.pop() != Some(b'\n') || raw.len() as u64 != kept {
        return None;
    }
    let line =
        if original == kept { EventLine::new(number, raw) } else { EventLine::cut(number, raw, original) };
    Some(TimedLine { turn, at, line })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use codex_protocol::EventLine;
    use jiff::Timestamp;

    use super::{FrameWriter, Frames};
    use crate::system::{DiskRoot, RealDisk};

    fn writer(folder: &std::path::Path, limit_bytes: u64) -> FrameWriter {
        let disk = RealDisk::within([DiskRoot::at(folder)]);
        FrameWriter::new(Arc::new(disk), folder.to_owned(), limit_bytes)
    }

    fn read(folder: &std::path::Path) -> Vec<(u32, Timestamp, EventLine)> {
        Frames::of(folder).map(|frame| (frame.turn, frame.at, frame.line)).collect()
    }

    #[test]
    fn lines_come_back_as_they_were_whatever_is_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let at: Timestamp = "2025-09-05T17:42:10.000000001Z".parse().unwrap();
        let lines = [
            (1, at, EventLine::new(1, *b"{}")),
            (1, at, EventLine::new(2, *b"1 2 3 4 5\n\xff\0")),
            (2, at, EventLine::new(1, *b"")),
            (2, at, EventLine::cut(2, *b"head", 1 << 40)),
        ];
        let mut writer = writer(folder.path(), 1 << 20);
        for (turn, at, line) in &lines {
            writer.append(*turn, *at, line);
        }
        writer.sync();
        assert_eq!(writer.fault(), None);
        assert_eq!(read(folder.path()), lines);
    }

    #[test]
    fn half_a_line_ends_its_file_and_not_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let line = EventLine::new(1, *b"{}");
        let mut first = writer(folder.path(), 1 << 20);
        first.append(1, Timestamp::UNIX_EPOCH, &line);
        let path = folder.path().join("lines-01");
        let whole = fs::read(&path).unwrap();
        for torn in 0..whole.len() {
            fs::write(&path, [&whole[..], &whole[..torn]].concat()).unwrap();
            fs::write(folder.path().join("lines-03"), &whole).unwrap();
            assert_eq!(read(folder.path()).len(), 2, "{torn}");
        }
    }

    #[test]
    fn more_than_the_limit_is_counted_and_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(folder.path(), 40);
        for number in 1..=5 {
            writer.append(1, Timestamp::UNIX_EPOCH, &EventLine::new(number, *b"0123456789"));
        }
        assert_eq!(read(folder.path()).len(), 1);
        let fault = writer.fault().unwrap();
        assert_eq!(fault, "4 lines of the turn were not kept: more than 40 bytes of lines");
    }
}
