//! [`CodexEnvironment`]: the environment variables that Codex is started with.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// Says which environment variables Codex gets: a base, variables added to it and variables taken from it.
///
/// Of `PATH` only the absolute entries are handed over: Codex looks for git and others by name, in the repository.
///
/// The commands that the agent runs inherit most of them, as `shell_environment_policy` of Codex's
/// configuration says. What must stay hidden from them belongs into [`ApiKey`](crate::ApiKey) or a
/// [`McpServer`](crate::McpServer)'s token, not here.
///
/// ```
/// use codex_exec::CodexEnvironment;
///
/// let environment = CodexEnvironment::only(["PATH", "HOME"]).set("CI", "1");
/// assert_eq!(format!("{environment:?}"), r#"CodexEnvironment { base: Only(["PATH", "HOME"]), set: ["CI"], remove: {} }"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use = "an environment does nothing until it is given to an invocation"]
pub struct CodexEnvironment {
    base: BaseEnvironment,
    set: BTreeMap<OsString, OsString>,
    remove: BTreeSet<OsString>,
}

/// Says what an environment starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseEnvironment {
    /// Every variable of this process.
    #[default]
    Inherit,
    /// No variable at all. Codex itself runs without any; the agent's commands then have no `PATH`.
    Clear,
    /// The named variables of this process, where they are set.
    Only(Vec<OsString>),
}

impl CodexEnvironment {
    /// Starts from every variable of this process.
    pub fn inherit() -> Self {
        Self::default()
    }

    /// Starts from nothing.
    pub fn clear() -> Self {
        Self { base: BaseEnvironment::Clear, ..Self::default() }
    }

    /// Starts from the named variables of this process.
    pub fn only<N: Into<OsString>>(names: impl IntoIterator<Item = N>) -> Self {
        Self { base: BaseEnvironment::Only(names.into_iter().map(Into::into).collect()), ..Self::default() }
    }

    /// Adds a variable or replaces it.
    pub fn set(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        let name = name.into();
        self.remove.remove(&name);
        self.set.insert(name, value.into());
        self
    }

    /// Takes a variable away.
    pub fn remove(mut self, name: impl Into<OsString>) -> Self {
        let name = name.into();
        self.set.remove(&name);
        self.remove.insert(name);
        self
    }

    /// What it starts from.
    pub fn base(&self) -> &BaseEnvironment {
        &self.base
    }

    /// The variables that are added or replaced, by name.
    pub fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.set.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The names of the variables that are taken away.
    pub fn removed(&self) -> impl Iterator<Item = &OsStr> {
        self.remove.iter().map(OsString::as_os_str)
    }

    /// The value that a variable of this process, if it is set there, has for Codex.
    pub(crate) fn effective(&self, name: &str, inherited: Option<&OsStr>) -> Option<OsString> {
        let name = OsStr::new(name);
        if let Some(value) = self.set.get(name) {
            return Some(value.clone());
        }
        let inherited = inherited.filter(|_| self.base.lets_through(name) && !self.remove.contains(name));
        inherited.map(OsStr::to_os_string)
    }
}

impl BaseEnvironment {
    fn lets_through(&self, name: &OsStr) -> bool {
        match self {
            Self::Inherit => true,
            Self::Clear => false,
            Self::Only(names) => names.iter().any(|one| one == name),
        }
    }
}

/// Shows names only: a value may be anybody's password.
impl fmt::Debug for CodexEnvironment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodexEnvironment")
            .field("base", &self.base)
            .field("set", &self.set.keys().collect::<Vec<_>>())
            .field("remove", &self.remove)
            .finish()
    }
}

/// Holds what changes between the environment of this process and that of one Codex.
///
/// A variable in `set` counts even where `remove` names it.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvironmentPlan {
    /// What to start from.
    pub base: BaseEnvironment,
    /// What to add or replace, in order; the later of two counts.
    pub set: Vec<(OsString, OsString)>,
    /// What to take away from the base.
    pub remove: Vec<OsString>,
    /// The hosts that are reached without a proxy: where one is set, `NO_PROXY` names them too.
    pub unproxied: Vec<String>,
    /// Settings of git, which are added to those that the environment holds and count before them. Where there are any, git
    /// fetches no missing object either.
    pub git_config: Vec<(OsString, OsString)>,
}

/// The variables that name a proxy for addresses that begin with `http:`.
const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

impl EnvironmentPlan {
    /// Applies the plan to the variables of this process and gives the child's whole environment.
    ///
    /// ```
    /// use codex_exec::{Invocation, Marker, StartMarks};
    ///
    /// let marks = StartMarks::new(Marker::new());
    /// let plan = Invocation::new("hi").command_line(&marks).environment;
    /// let child = plan.apply([("LANG".into(), "C".into())]);
    /// assert!(child.contains(&("LANG".into(), "C".into())));
    /// assert_eq!(child.len(), 2, "and the marker");
    /// ```
    pub fn apply(
        &self,
        process: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Vec<(OsString, OsString)> {
        let mut all: BTreeMap<OsString, OsString> = process
            .into_iter()
            .filter(|(name, _)| self.base.lets_through(name) && !self.remove.contains(name))
            .collect();
        all.extend(self.set.iter().cloned());
        if !self.unproxied.is_empty() && PROXIES.iter().any(|name| all.contains_key(OsStr::new(name))) {
            self.pass_by_proxies(&mut all);
        }
        if !self.git_config.is_empty() {
            self.add_git_config(&mut all);
        }
        all.into_iter().collect()
    }

    fn add_git_config(&self, all: &mut BTreeMap<OsString, OsString>) {
        const COUNT: &str = "GIT_CONFIG_COUNT";
        let count = all.get(OsStr::new(COUNT)).and_then(|count| count.to_str()?.trim().parse::<usize>().ok());
        let count = count.unwrap_or(0);
        for (number, (key, value)) in (count..).zip(&self.git_config) {
            all.insert(format!("GIT_CONFIG_KEY_{number}").into(), key.clone());
            all.insert(format!("GIT_CONFIG_VALUE_{number}").into(), value.clone());
        }
        all.insert(COUNT.into(), (count + self.git_config.len()).to_string().into());
        // A promised object is fetched by what the repository says.
        all.insert("GIT_NO_LAZY_FETCH".into(), "1".into());
    }

    /// Adds to the lists that are there; which of the two counts differs from program to program.
    fn pass_by_proxies(&self, all: &mut BTreeMap<OsString, OsString>) {
        if !["NO_PROXY", "no_proxy"].iter().any(|name| all.contains_key(OsStr::new(name))) {
            all.insert("NO_PROXY".into(), OsString::new());
        }
        for name in ["NO_PROXY", "no_proxy"] {
            // Whoever passes by all proxies passes by these.
            let Some(list) = all.get_mut(OsStr::new(name)).filter(|list| *list != "*") else { continue };
            for host in &self.unproxied {
                if !list.is_empty() {
                    list.push(",");
                }
                list.push(host);
            }
        }
    }

    pub(crate) fn of(environment: &CodexEnvironment) -> Self {
        Self {
            base: environment.base.clone(),
            set: environment.set.clone().into_iter().collect(),
            remove: environment.remove.iter().cloned().collect(),
            unproxied: Vec::new(),
            git_config: Vec::new(),
        }
    }

    pub(crate) fn put(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let name = name.into();
        self.set.retain(|(one, _)| *one != name);
        self.set.push((name, value.into()));
    }
}

/// Shows names only: among the values are the secrets.
impl fmt::Debug for EnvironmentPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentPlan")
            .field("base", &self.base)
            .field("set", &self.set.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("remove", &self.remove)
            .field("unproxied", &self.unproxied)
            .field("git_config", &self.git_config.iter().map(|(key, _)| key).collect::<Vec<_>>())
            .finish()
    }
}
