//! [`measure`]: how much memory this process takes at most, from here on, as the kernel counts it.

/// The memory from one moment on.
pub(crate) struct Measured {
    before_bytes: usize,
}

/// Begins to measure; of two at a time the later one counts.
pub(crate) fn measure() -> Measured {
    // Sets the peak back to what is taken now.
    std::fs::write("/proc/self/clear_refs", "5").expect("a process may look at its own memory");
    Measured { before_bytes: status_bytes("VmRSS:") }
}

impl Measured {
    /// How much more was taken at the worst moment than at the beginning.
    pub(crate) fn peak_bytes(&self) -> usize {
        status_bytes("VmHWM:").saturating_sub(self.before_bytes)
    }
}

fn status_bytes(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process may look at itself");
    let told = status.lines().find_map(|line| line.strip_prefix(name)).expect("every process has it");
    told.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") << 10
}
