//! [`Facts`]: what git says about a turn, and the manifest that comes of it.

use super::clean::{Cleaner, MANIFEST};
use super::tasks::TaskChanges;
use crate::git::{Changes, Difference, Patch};
use crate::ledger_error::LedgerError;
use crate::manifest::{
    Actor, AgentEntry, ChangeLists, CheckStatus, Extra, GitState, LedgerPart, Manifest, Metrics, OutputFile,
    Provenance, RuleResult, RuleStatus, TaskEntry, TaskPart, TokenCounts, Trees, TruncatedFile, TurnEntry,
    Validation, Violation,
};
use crate::record::journal::{CommitEntry, Journal, OpenedEntry, RanEntry, TurnPart, WORK_ASIDE};
use crate::record::parts::LedgerParts;
use crate::record::watch;
use crate::system::{utc_millis, utc_seconds};
use crate::values::{Oid, RepoPath, sha256_hex};

/// The record says so if the stream of a turn has what Codex's own file of the thread does not have.
const ITEM_NOT_IN_ROLLOUT: &str = "item-not-in-rollout";
/// How many such lines of a turn the record names.
const UNCONFIRMED_NAMED: usize = 20;

/// Everything that the record says, before it is redacted and written.
pub(super) struct Facts<'a> {
    pub(super) opened: &'a OpenedEntry,
    pub(super) ran: &'a RanEntry,
    head_after: Option<String>,
    /// Unknown where the worktree cannot be said to be the turn's.
    changes: Option<Changes>,
    outputs: Vec<OutputFile>,
    tasks: Vec<TaskChanges>,
    pub(super) patch: Option<Patch>,
    patch_id: Option<String>,
    violations: Vec<Violation>,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(
        parts: &LedgerParts,
        journal: &Journal,
        opened: &'a OpenedEntry,
        ran: &'a RanEntry,
        head_after: Option<String>,
    ) -> Result<Self, LedgerError> {
        let failed = || LedgerError::git("compare the worktree with what it was");
        let vcs = parts.vcs.as_ref();
        let mut facts = Self {
            opened,
            ran,
            head_after,
            changes: None,
            outputs: Vec::new(),
            tasks: super::tasks::changes(parts, ran)?,
            patch: None,
            patch_id: None,
            violations: ran.violations.clone(),
        };
        facts.name_unconfirmed();
        if let Some(work) = journal.read::<CommitEntry>(WORK_ASIDE)? {
            facts.violations.push(Violation {
                kind: "branch-moved".to_owned(),
                path: None,
                detail: format!(
                    "the branch was moved during the turn and stays there; the work is commit {}",
                    work.oid
                ),
                extra: Extra::new(),
            });
        }
        let tree = |text: Option<&String>| text.and_then(|text| text.parse::<Oid>().ok());
        let before = tree(opened.before.as_ref().map(|before| &before.tree));
        let (Some(before), Some(after)) = (before, tree(ran.tree_after.as_ref())) else { return Ok(facts) };
        if before == after {
            facts.changes = Some(Changes::default());
            return Ok(facts);
        }
        let found = vcs.difference(&before, &after, parts.options.patch_limit_bytes).map_err(failed())?;
        let Difference { changes, patch, patch_id, .. } = found;
        facts.patch_id = patch_id;
        facts.patch = Some(patch).filter(|patch| patch.original_bytes > 0);
        facts.outputs = outputs(parts, &changes)?;
        let named = watch::violations(&parts.options.watch, &changes, &facts.violations);
        facts.violations.extend(named);
        facts.changes = Some(changes);
        Ok(facts)
    }

    /// Names the lines that Codex's own file of the thread does not have, up to a limit.
    fn name_unconfirmed(&mut self) {
        for (number, turn) in (1..).zip(&self.ran.turns) {
            let lines = turn.end.as_ref().map_or(&[][..], |end| &end.unconfirmed);
            let named = lines.iter().take(UNCONFIRMED_NAMED).map(|line| {
                let detail = format!(
                    "turn {number} of the record has a line that Codex's own file does not have: {line}"
                );
                Violation::new(ITEM_NOT_IN_ROLLOUT, detail)
            });
            self.violations.extend(named);
            if let more @ 1.. = lines.len().saturating_sub(UNCONFIRMED_NAMED) {
                self.violations
                    .push(Violation::new(ITEM_NOT_IN_ROLLOUT, format!("and {more} more of turn {number}")));
            }
        }
    }

    /// What changed, where that is known.
    pub(super) fn changes(&self) -> Option<&Changes> {
        self.changes.as_ref()
    }

    /// The manifest, all but the artifacts.
    pub(super) fn manifest(&self, parts: &LedgerParts, cleaner: &mut Cleaner) -> Manifest {
        let (opened, ran) = (self.opened, self.ran);
        let header = &opened.header;
        let mut manifest = Manifest::new(opened.turn_id, utc_seconds(opened.started));
        manifest.actor = Actor {
            initiator: cleaner.text(MANIFEST, header.initiator.as_deref().unwrap_or("unknown")),
            agent: header.agent.clone(),
            extra: Extra::new(),
        };
        manifest.task = self.task(cleaner);
        manifest.metrics = self.metrics();
        manifest.validation = Validation {
            adr_present: true,
            changelog_present: true,
            lint_status: ran.checks.lint.clone(),
            tests_status: ran.checks.tests.clone(),
            extra: Extra::new(),
        };
        let before = opened.before.as_ref();
        manifest.git = Some(GitState {
            head_before: before.and_then(|before| before.head.clone()),
            head_after: self.head_after.clone(),
            branch: before.and_then(|before| before.branch.clone()),
            tag: header.git_mode.commits().then(|| format!("turn/{}", opened.turn_id)),
            extra: Extra::new(),
        });
        manifest.provenance = Some(self.provenance(cleaner));
        manifest.ledger = Some(self.ledger(cleaner));
        self.list_paths(parts.options.paths_limit, &mut manifest);
        manifest.tasks = self.tasks(parts.options.paths_limit, &manifest, cleaner);
        manifest
    }

    fn task(&self, cleaner: &mut Cleaner) -> TaskPart {
        let task = &self.opened.header.task;
        TaskPart {
            name: cleaner.text(MANIFEST, &task.name),
            inputs: task.inputs.iter().map(|input| cleaner.text(MANIFEST, input)).collect(),
            parameters: task
                .parameters
                .iter()
                .map(|(key, value)| (key.clone(), cleaner.value(key, value)))
                .collect(),
            extra: Extra::new(),
        }
    }

    fn metrics(&self) -> Metrics {
        let checks = &self.ran.checks;
        let changes = self.changes.as_ref();
        Metrics {
            files_changed: changes.map(Changes::files_changed),
            lines_added: changes.map(Changes::lines_added),
            lines_deleted: changes.map(Changes::lines_deleted),
            tests_passed: checks.tests_passed,
            tests_failed: checks.tests_failed,
            coverage_delta_pct: checks.coverage_delta,
            extra: Extra::new(),
        }
    }

    fn provenance(&self, cleaner: &mut Cleaner) -> Provenance {
        let (header, turns) = (&self.opened.header, &self.ran.turns);
        let mut tools = Vec::new();
        let used = turns.iter().filter_map(|turn| turn.end.as_ref()).flat_map(|end| &end.tools);
        for tool in used.chain(&self.ran.tools) {
            let tool = cleaner.text(MANIFEST, tool);
            if !tools.contains(&tool) {
                tools.push(tool);
            }
        }
        let prompt = turns.first().map(|turn| cleaner.again(&turn.begin.prompt));
        Provenance {
            prompt_hash: prompt.map(|prompt| format!("sha256:{}", sha256_hex(prompt.as_bytes()))),
            tools,
            started_at: Some(utc_millis(self.opened.started)),
            finished_at: Some(utc_millis(self.ran.finished)),
            active_pattern_name: header.pattern.as_ref().map(|pattern| cleaner.text(MANIFEST, &pattern.name)),
            active_pattern_path: header.pattern.as_ref().map(|pattern| cleaner.text(MANIFEST, &pattern.path)),
            extra: Extra::new(),
        }
    }

    fn ledger(&self, cleaner: &mut Cleaner) -> LedgerPart {
        let (opened, ran) = (self.opened, self.ran);
        let last = ran.turns.last();
        let last_end = last.and_then(|turn| turn.end.as_ref());
        let before = opened.before.as_ref();
        let turns: Vec<TurnEntry> = ran.turns.iter().map(|turn| turn_entry(ran, turn, cleaner)).collect();
        let named = last.and_then(|turn| turn.begin.model.clone()).or_else(|| opened.header.model.clone());
        let model = named.or_else(|| last_end.and_then(|end| end.model.clone()));
        LedgerPart {
            uid: opened.uid.clone(),
            state: ran.state.clone(),
            reason: ran.reason.as_ref().map(|reason| cleaner.text(MANIFEST, reason)),
            tool: opened.header.tool.clone(),
            agent: AgentEntry {
                model,
                thread_id: last_end.and_then(|end| end.turn.thread_id.clone()),
                exit_code: last_end.and_then(|end| end.turn.exit.code),
                extra: Extra::new(),
            },
            claim: Some(opened.claim.clone()),
            parents: opened.parents.clone(),
            trees: Trees {
                before: before.map(|before| before.tree.clone()),
                after: ran.tree_after.clone(),
                dirty_before: before.map(|before| before.dirty),
                extra: Extra::new(),
            },
            patch_id: self.patch_id.clone(),
            usage: sum(&turns),
            elapsed_ms: turns
                .iter()
                .map(|turn| turn.elapsed_ms)
                .sum::<Option<u64>>()
                .filter(|_| !turns.is_empty()),
            turns,
            coverage: ran.checks.coverage.clone(),
            purged: ran.purged.clone(),
            violations: self
                .violations
                .iter()
                .map(|violation| Violation {
                    detail: cleaner.text(MANIFEST, &violation.detail),
                    ..violation.clone()
                })
                .collect(),
            ..LedgerPart::default()
        }
    }

    /// Lists the paths, as many as a manifest may have.
    fn list_paths(&self, limit: usize, manifest: &mut Manifest) {
        let ledger = manifest.ledger.get_or_insert_default();
        let mut list = |key: &str, paths: Vec<String>| {
            if paths.len() <= limit {
                return paths;
            }
            let bytes = paths.iter().map(|path| path.len() as u64 + 1).sum();
            ledger.truncated.push(TruncatedFile {
                path: key.to_owned(),
                original_bytes: bytes,
                sha256: None,
                extra: Extra::new(),
            });
            paths.into_iter().take(limit).collect()
        };
        let mut lists = [const { Vec::new() }; 6];
        if let Some(changes) = &self.changes {
            lists = [
                list("changes.added", texts(changes.added())),
                list("changes.modified", texts(changes.modified())),
                list("changes.deleted", texts(changes.deleted())),
                list("ledger.binary", texts(changes.binary())),
                list("ledger.submodules", texts(changes.submodules())),
                list("ledger.symlinks", texts(changes.symlinks())),
            ];
        }
        if self.outputs.len() > limit {
            list("outputs", self.outputs.iter().map(|output| output.path.clone()).collect());
        }
        let [added, modified, deleted, binary, submodules, symlinks] = lists;
        manifest.changes = ChangeLists { added, modified, deleted, extra: Extra::new() };
        manifest.outputs = self.outputs.iter().take(limit).cloned().collect();
        (ledger.binary, ledger.submodules, ledger.symlinks) = (binary, submodules, symlinks);
    }

    /// The tasks that the caller names, those that were begun in the log, or the one of the header.
    fn tasks(&self, limit: usize, manifest: &Manifest, cleaner: &mut Cleaner) -> Vec<TaskEntry> {
        if !self.ran.tasks.is_empty() {
            let clean = |task: &TaskEntry| TaskEntry {
                task_id: cleaner.text(MANIFEST, &task.task_id),
                agent: task.agent.as_ref().map(|agent| cleaner.text(MANIFEST, agent)),
                reason: task.reason.as_ref().map(|reason| cleaner.text(MANIFEST, reason)),
                ..task.clone()
            };
            return self.ran.tasks.iter().map(clean).collect();
        }
        if !self.ran.spans.is_empty() {
            return super::tasks::entries(self.ran, &self.tasks, limit, cleaner);
        }
        let checks = &self.ran.checks;
        let report = checks.tests_report.as_ref().map(|_| "reports/tests.xml".to_owned());
        let rule = |rule: &str, status: &CheckStatus, details_path| RuleResult {
            rule: rule.to_owned(),
            status: rule_status(status),
            details_path,
            extra: Extra::new(),
        };
        vec![TaskEntry {
            task_id: manifest.task.name.clone(),
            agent: Some(self.opened.header.agent.clone()),
            inputs: manifest.task.inputs.clone(),
            outputs: manifest.outputs.clone(),
            validations: vec![rule("tests", &checks.tests, report), rule("lint", &checks.lint, None)],
            ..TaskEntry::default()
        }]
    }
}

pub(super) fn texts<'p>(paths: impl Iterator<Item = &'p RepoPath>) -> Vec<String> {
    paths.map(ToString::to_string).collect()
}

fn rule_status(status: &CheckStatus) -> RuleStatus {
    match status {
        CheckStatus::Passed => RuleStatus::Pass,
        CheckStatus::Failed | CheckStatus::Error => RuleStatus::Fail,
        CheckStatus::NotRun | CheckStatus::Unknown(_) => RuleStatus::Skipped,
    }
}

pub(super) fn outputs(parts: &LedgerParts, changes: &Changes) -> Result<Vec<OutputFile>, LedgerError> {
    let after: Vec<_> = changes
        .entries
        .iter()
        .filter_map(|change| change.after.as_ref().map(|(kind, oid)| (&change.path, *kind, oid)))
        .collect();
    let blobs: Vec<Oid> =
        after.iter().filter(|(_, kind, _)| kind.is_blob()).map(|(_, _, oid)| (*oid).clone()).collect();
    let hashes = parts.vcs.blob_sha256s(&blobs).map_err(LedgerError::git("hash what the turn wrote"))?;
    let mut hashes = hashes.into_iter();
    let output = |(path, kind, _): (&RepoPath, crate::git::EntryKind, &Oid)| OutputFile {
        path: path.to_string(),
        sha256: kind.is_blob().then(|| hashes.next()).flatten(),
        extra: Extra::new(),
    };
    Ok(after.into_iter().map(output).collect())
}

fn turn_entry(ran: &RanEntry, turn: &TurnPart, cleaner: &mut Cleaner) -> TurnEntry {
    let prompt = cleaner.again(&turn.begin.prompt);
    let mut entry = turn.end.as_ref().map(|end| end.turn.clone()).unwrap_or_default();
    entry.started_at = Some(utc_millis(turn.begin.at));
    entry.task = super::tasks::of_turn(ran, turn, cleaner);
    entry.prompt_sha256 = Some(sha256_hex(prompt.as_bytes()));
    entry.final_message = entry.final_message.map(|message| cleaner.text(MANIFEST, &message));
    entry
}

/// The tokens of all turns; a count that one of them does not know is unknown.
fn sum(turns: &[TurnEntry]) -> TokenCounts {
    let total = |count: fn(&TokenCounts) -> Option<u64>| {
        let counts = turns.iter().map(|turn| count(&turn.usage.turn));
        counts.sum::<Option<u64>>().filter(|_| !turns.is_empty())
    };
    TokenCounts {
        input_tokens: total(|usage| usage.input_tokens),
        cached_input_tokens: total(|usage| usage.cached_input_tokens),
        cache_write_input_tokens: total(|usage| usage.cache_write_input_tokens),
        output_tokens: total(|usage| usage.output_tokens),
        reasoning_output_tokens: total(|usage| usage.reasoning_output_tokens),
        extra: Extra::new(),
    }
}
