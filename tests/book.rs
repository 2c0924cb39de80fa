//! What the README and the book say is true: every command in them runs and prints what they show, every scenario is
//! sound, every link leads somewhere, and nothing that a scenario file can say is left out.
//!
//! Fenced blocks by their info string:
//!
//! | info | meaning |
//! |---|---|
//! | `sh` | commands, run in the order of the page; `# exits with 1` after one states its exit code |
//! | `text`, `json` | directly after commands the output of the last one; a line `…` stands for any lines |
//! | `yaml` | a whole scenario, which is checked and run |
//! | `yaml,file=NAME` | the same as a file that later commands of the page use; with `ignore`, of another program |
//! | `edn,file=NAME`, `jsonl,file=NAME`, `csv,file=NAME`, `nfg,file=NAME` | a file that later commands of the page use |
//! | `yaml,fragment` | a part of a scenario of PBFT, or of the protocol that follows, such as `yaml,fragment,raft` |
//! | `yaml,suite` | a suite, or a part of one |
//! | `rust` | a doc test of `src/book.rs` |
//! | `rust,ignore` | an excerpt of an example, in pieces parted by lines `…` |

#[path = "cli/command.rs"]
mod command;

use command::{Folder, page};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

/// Commands that take too long, or change the machine, and are only compared with this list.
const NOT_RUN: &[&str] = &[
    // In tests/campaign.
    "seq 0 7 | xargs -P 2 -I {} synod campaign run nightly --shard {}/8",
    "parallel -j 2 synod campaign run nightly --shard {}/8 ::: $(seq 0 7)",
    "cargo test",
    "cargo install --locked --profile dist --path .",
    "cargo build --release --features mutants",
    "cargo bench --bench kernel",
    "cargo bench --bench quickstart",
    "cargo bench --bench queue",
    "cargo bench --bench network",
    "cargo bench -p synod-economics --bench economics",
    "benches/economics/compare.sh",
    "cargo run --release --manifest-path benches/engines/Cargo.toml",
    "cargo run --release --manifest-path tests/planting/Cargo.toml",
    "cargo run --release --manifest-path tests/planting/Cargo.toml -- --list",
    "cargo run --release --manifest-path tests/planting/Cargo.toml -- --only 17",
    "cargo run --release --manifest-path tests/planting/Cargo.toml -- --shard 1/4",
];

/// What commands find in the folder in which they run: a copy of these folders.
const COPIED: &[&str] = &["scenarios", "fault_models", "examples", "regressions"];

#[test]
fn what_the_readme_and_the_book_show_is_what_happens() {
    let used = Mutex::new(BTreeSet::new());
    thread::scope(|scope| {
        for page in pages() {
            let used = &used;
            scope.spawn(move || {
                let seen = Reader::new(&page).read();
                used.lock().expect("no page has failed").extend(seen);
            });
        }
    });
    let used = used.into_inner().expect("no page has failed");
    let idle: Vec<_> = NOT_RUN.iter().filter(|command| !used.contains(**command)).collect();
    assert!(idle.is_empty(), "no page shows {idle:?}: take it off the list");
}

#[test]
fn every_link_leads_to_a_page_and_a_heading() {
    for page in pages() {
        for target in links(&read(&page)) {
            if target.contains("://") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target.as_str(), ""));
            let linked = if path.is_empty() {
                page.clone()
            } else {
                plain(&page.parent().expect("a folder").join(path))
            };
            assert!(root().join(&linked).exists(), "{}: {target} leads nowhere", page.display());
            if !anchor.is_empty() {
                let found = headings(&read(&linked)).any(|heading| heading == anchor);
                assert!(found, "{}: {} has no heading #{anchor}", page.display(), linked.display());
            }
        }
    }
}

#[test]
fn the_summary_lists_every_page_once() {
    let summary = links(&read(Path::new("docs/src/SUMMARY.md")));
    let mut listed: Vec<PathBuf> = summary.iter().map(|link| Path::new("docs/src").join(link)).collect();
    listed.sort();
    let is_page = |page: &PathBuf| page.starts_with("docs") && !page.ends_with("SUMMARY.md");
    let there: Vec<PathBuf> = pages().into_iter().filter(is_page).collect();
    assert_eq!(listed, there);
}

#[test]
fn the_glossary_has_twenty_lines_at_most() {
    let lines = read(Path::new("docs/src/glossary.md")).lines().count();
    assert!(lines <= 20, "{lines} lines");
}

#[test]
fn the_book_names_all_that_there_is() {
    let book: String = pages().iter().map(|page| read(page)).collect();
    let names = |what: &str| -> BTreeSet<String> {
        let rows = page(&["list", what], 0);
        rows.lines().filter_map(|row| Some(row.split_whitespace().next()?.to_owned())).collect()
    };
    // The common figures stand in the book by families, such as `.p95_ns`.
    let is_family =
        |name: &str| ["latency.", "messages.", "detection."].iter().any(|family| name.starts_with(family));
    for name in ["protocols", "oracles", "metrics"].into_iter().flat_map(names) {
        assert!(
            book.contains(&format!("`{name}`")) || is_family(&name),
            "the book does not tell of `{name}`"
        );
    }
    let schema: Value = serde_json::from_str(&page(&["schema"], 0)).expect("the schema is JSON");
    let mut fields = BTreeSet::new();
    properties(&schema, &mut fields);
    let words: BTreeSet<&str> = book.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let missing: Vec<&String> = fields.iter().filter(|field| !words.contains(field.as_str())).collect();
    assert!(missing.is_empty(), "the book does not tell of the fields {missing:?}");
}

/// A page that is read from top to bottom, in a folder of its own.
struct Reader<'a> {
    page: &'a Path,
    folder: Folder,
    /// Output of the last command that has run, while nothing but blank lines follows it.
    printed: Option<String>,
    not_run: BTreeSet<String>,
}

impl Reader<'_> {
    fn new(page: &Path) -> Reader<'_> {
        let name = page.display().to_string().replace(['/', '\\'], "-");
        let folder = Folder::new(&format!("book-{name}"));
        for copied in COPIED {
            copy(&root().join(copied), Path::new(&folder.at(copied)));
        }
        fs::create_dir(folder.at("scenarios/book")).expect("it can be made");
        Reader { page, folder, printed: None, not_run: BTreeSet::new() }
    }

    /// Follows every block of the page; returns the commands that were not run.
    fn read(mut self) -> BTreeSet<String> {
        for block in blocks(&read(self.page)) {
            let info: Vec<&str> = block.info.split(',').collect();
            let printed = self.printed.take().filter(|_| block.is_next);
            match info[..] {
                ["sh"] => self.printed = self.commands(&block),
                ["text" | "json"] => {
                    // What stands apart from commands is a drawing.
                    if let Some(printed) = printed.filter(|_| cfg!(unix)) {
                        self.compare(&block, &printed);
                    }
                }
                ["yaml"] => self.scenario(&block),
                ["yaml", file, ref rest @ ..] if file.starts_with("file=") => {
                    let file = &file["file=".len()..];
                    self.folder.write(file, &block.text);
                    if rest != ["ignore"] {
                        self.synod(&block, &["check", file]);
                    }
                }
                ["edn" | "jsonl" | "csv" | "nfg", file] => {
                    let file = file.strip_prefix("file=").expect("it is a file");
                    self.folder.write(file, &block.text);
                }
                ["yaml", "fragment", ref protocol @ ..] => {
                    let protocol = protocol.first().unwrap_or(&"pbft");
                    self.sound(&block, "scenarios/book", &completed(&block.text, protocol));
                }
                ["yaml", "suite"] => {
                    self.sound(&block, "scenarios/suites", &suite(&block.text));
                }
                ["rust"] => {
                    let source = read(Path::new("src/book.rs"));
                    let path = format!("\"../{}\"", self.page.display());
                    assert!(
                        source.contains(&path),
                        "{}: src/book.rs does not include this page",
                        self.at(&block)
                    );
                }
                ["rust", "ignore"] => self.excerpt(&block),
                _ => panic!("{}: there is no rule for blocks of {:?}", self.at(&block), block.info),
            }
        }
        self.not_run
    }

    fn at(&self, block: &Block) -> String {
        format!("{}:{}", self.page.display(), block.line)
    }

    /// Runs the commands of a block; returns what the last one printed, if it ran.
    fn commands(&mut self, block: &Block) -> Option<String> {
        let mut printed = None;
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            let (typed, comment) = parted(line);
            let code =
                comment.strip_prefix("exits with ").map_or(0, |code| code.parse().expect("an exit code"));
            let words = words(typed);
            let Some((program, name, arguments)) = program(&words) else {
                let known = NOT_RUN.contains(&typed);
                assert!(known, "{}: {typed:?} is neither run nor on the list", self.at(block));
                self.not_run.insert(typed.to_owned());
                printed = None;
                continue;
            };
            printed = Some(self.run(block, &program, name, arguments, code));
        }
        printed
    }

    /// Runs `program`, called by `name`, which must end with `code`; returns what it printed.
    fn run(&self, block: &Block, program: &Path, name: &str, arguments: &[String], code: i32) -> String {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.at("")).stdin(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::arg0(&mut command, name);
        for variable in ["SYNOD_SEED", "SYNOD_FORMAT", "SYNOD_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            command.env_remove(variable);
        }
        let output = command.output().expect("the command starts");
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("it is text"));
        let context = format!("{}: {name} {}", self.at(block), arguments.join(" "));
        assert_eq!(output.status.code(), Some(code), "{context}\n{stdout}{stderr}");
        if code == 2 { stderr } else { stdout }
    }

    fn synod(&self, block: &Block, arguments: &[&str]) {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self.run(block, Path::new(SYNOD), "synod", &arguments, 0);
    }

    /// Checks and runs a whole scenario.
    fn scenario(&self, block: &Block) {
        let is_whole =
            ["agents:", "protocol:"].iter().all(|key| block.text.lines().any(|line| line.starts_with(key)));
        assert!(is_whole, "{}: a part of a scenario is `yaml,fragment`", self.at(block));
        let file = self.sound(block, "scenarios/book", &block.text);
        self.synod(block, &["run", &file]);
    }

    /// Checks a file of this text in `folder`, from where it finds others by their relative paths; returns its path.
    fn sound(&self, block: &Block, folder: &str, text: &str) -> String {
        let file = format!("{folder}/line-{}.yaml", block.line);
        self.folder.write(&file, text);
        self.synod(block, &["check", &file]);
        file
    }

    /// The lines of the block are those that were printed.
    fn compare(&self, block: &Block, printed: &str) {
        let [shown, told] =
            [block.text.as_str(), printed].map(|text| text.lines().map(everywhere).collect::<Vec<_>>());
        if let Err(piece) = shows(&shown, &told) {
            panic!("{}: this was not printed:\n{piece}\nbut this:\n{printed}", self.at(block));
        }
    }

    /// The lines of the block stand in an example, whatever their indentation.
    fn excerpt(&self, block: &Block) {
        let shown: Vec<String> = block.text.lines().map(|line| line.trim().to_owned()).collect();
        let shown: Vec<String> = ["…".to_owned()].into_iter().chain(shown).chain(["…".to_owned()]).collect();
        let mut examples = fs::read_dir(root().join("examples")).expect("there are examples");
        let found = examples.any(|example| {
            let path = example.expect("it can be read").path();
            let is_rust = path.extension().is_some_and(|extension| extension == "rs");
            let text =
                if is_rust { fs::read_to_string(path).expect("it can be read") } else { String::new() };
            let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
            shows(&shown, &lines).is_ok()
        });
        assert!(found, "{}: no example has these lines", self.at(block));
    }
}

const SYNOD: &str = env!("CARGO_BIN_EXE_synod");

/// The program that a user calls so, by which name it knows itself, and its arguments; `None` if it is not run here.
fn program(words: &[String]) -> Option<(PathBuf, &str, &[String])> {
    const RELEASE: &str = "target/release/synod";
    let is = |start: &[&str]| {
        words.len() >= start.len() && words.iter().zip(start).all(|(word, other)| word == other)
    };
    let synod = || PathBuf::from(SYNOD);
    if is(&["synod"]) {
        Some((synod(), "synod", &words[1..]))
    } else if is(&[RELEASE]) {
        Some((synod(), RELEASE, &words[1..]))
    } else if is(&["cargo", "run", "--release", "--"]) {
        Some((synod(), RELEASE, &words[4..]))
    } else if is(&["cargo", "run", "--example"]) {
        assert_eq!(words[4], "--", "what follows is the example's");
        // Cargo builds examples before it runs tests, beside the folder that the tests lie in.
        let tests = std::env::current_exe().expect("this test has a path");
        let built = tests.parent().and_then(Path::parent).expect("a folder").join("examples").join(&words[3]);
        Some((built.with_extension(std::env::consts::EXE_EXTENSION), &words[3], &words[5..]))
    } else {
        None
    }
}

/// A line without what differs from machine to machine.
fn everywhere(line: &str) -> String {
    let is_host = line.starts_with("in ") && line.contains("Synod ");
    if is_host { "in".to_owned() } else { line.trim_end().to_owned() }
}

/// Checks that `shown` is what was `told`, where a line `…` stands for any number of lines; the first piece that is
/// not, otherwise.
fn shows(shown: &[String], told: &[String]) -> Result<(), String> {
    let pieces: Vec<&[String]> = shown.split(|line| line == "…").collect();
    let mut rest = told;
    for (place, piece) in pieces.iter().enumerate() {
        let (is_first, is_last) = (place == 0, place + 1 == pieces.len());
        let found = (0..=rest.len().saturating_sub(piece.len())).find(|&start| {
            let is_anchored = (!is_first || start == 0) && (!is_last || start + piece.len() == rest.len());
            is_anchored && rest[start..].starts_with(piece)
        });
        match found {
            Some(start) => rest = &rest[start + piece.len()..],
            None => return Err(piece.join("\n")),
        }
    }
    Ok(())
}

/// A fenced block of a page.
struct Block {
    /// Line of the opening fence, from 1.
    line: usize,
    info: String,
    text: String,
    /// True if only blank lines part it from the block before.
    is_next: bool,
}

/// The fenced blocks of a page.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut is_next = false;
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```")).collect();
            let text = body.iter().map(|line| format!("{line}\n")).collect();
            blocks.push(Block { line: number + 1, info: info.to_owned(), text, is_next });
            is_next = true;
        } else if !line.trim().is_empty() {
            is_next = false;
        }
    }
    blocks
}

/// A command and the comment that follows it.
fn parted(line: &str) -> (&str, &str) {
    match line.split_once(" #") {
        Some((typed, comment)) => (typed.trim(), comment.trim()),
        None => (line.trim(), ""),
    }
}

/// The words of a command, as a shell takes them.
fn words(typed: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in typed.chars() {
        let word = words.last_mut().expect("there is always one");
        match (character, quote) {
            ('\'' | '"', None) => quote = Some(character),
            (_, Some(open)) if character == open => quote = None,
            (' ', None) if word.is_empty() => {}
            (' ', None) => words.push(String::new()),
            _ => word.push(character),
        }
    }
    assert!(quote.is_none(), "{typed:?}: a quote is open");
    words
}

/// A scenario of `protocol` that has all of `fragment`, and as little else as possible.
fn completed(fragment: &str, protocol: &str) -> String {
    let (agents, workload) = match protocol {
        "pbft" => (4, "{decision: {}}"),
        "raft" => (5, "{requests: {total: 100, clients: 4, arrival: {closed: 10ms}}}"),
        _ => (7, "{}"),
    };
    let others = [
        ("name", "fragment".to_owned()),
        ("agents", agents.to_string()),
        ("network", "{latency: {lognormal: {median: 20ms, p99: 80ms}}}".to_owned()),
        ("protocol", format!("{{{protocol}: {{}}}}")),
        ("workload", workload.to_owned()),
    ];
    let is_given = |key: &str| fragment.lines().any(|line| line.starts_with(&format!("{key}:")));
    let lines =
        others.iter().filter(|(key, _)| !is_given(key)).map(|(key, value)| format!("{key}: {value}\n"));
    lines.chain([fragment.to_owned()]).collect()
}

/// A suite that has all of `fragment`.
fn suite(fragment: &str) -> String {
    let is_given = |key: &str| fragment.lines().any(|line| line.starts_with(&format!("{key}:")));
    let series = "series:\n  - {name: pbft, scenarios: [../pbft/fault_free_4.yaml], seeds: 0..1}\n";
    let name = "name: fragment\n";
    [(!is_given("name")).then_some(name), (!is_given("series")).then_some(series), Some(fragment)]
        .into_iter()
        .flatten()
        .collect()
}

/// Where links of a page lead, outside of code.
fn links(page: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut is_code = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        let prose = line.split('`').step_by(2);
        let found = prose.filter(|_| !is_code).flat_map(|part| part.split("](").skip(1));
        targets.extend(found.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
    }
    targets
}

/// The anchors of a page's headings, as mdBook and others make them.
fn headings(page: &str) -> impl Iterator<Item = String> {
    page.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

/// The names of all properties of a schema.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                names.extend(properties.keys().cloned());
            }
            object.values().for_each(|value| properties(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &Path) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// The README and the pages of the book, by their paths in the repository.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("the folder is there") {
            let path = folder.join(entry.expect("it can be read").file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it can be made");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("it can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it can be copied");
        }
    }
}
