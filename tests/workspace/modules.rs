//! The module graph of a crate, read from its sources by a parser of items, attributes, `use` trees and paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A token of a source. Comments are skipped, and all literals are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Mark(char),
    PathSeparator,
    Literal,
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(own) if own == word)
    }

    fn word(&self) -> Option<&str> {
        match self {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// Length of the string literal that starts at `text`, which may have a prefix such as `br#`.
fn string_length(text: &str) -> Option<usize> {
    let prefix = text.find(|c: char| !matches!(c, 'b' | 'c' | 'r' | '#'))?;
    if !text[prefix..].starts_with('"') {
        return None;
    }
    let hashes = text[..prefix].matches('#').count();
    let body = &text[prefix + 1..];
    if text[..prefix].contains('r') {
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(prefix + 1 + body.find(&close)? + close.len());
    }
    if hashes > 0 {
        return None;
    }
    let mut escaped = false;
    let close = body.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })?;
    Some(prefix + 1 + close + 1)
}

/// Length of the character literal that starts at `text`; `None` for a lifetime.
fn character_length(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    if let Some(escape) = body.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return Some(2 + first + escape[first..].find('\'')? + 1);
    }
    let first = body.chars().next()?.len_utf8();
    body[first..].starts_with('\'').then_some(first + 2)
}

fn comment_length(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let mut depth = 0_usize;
    let mut place = 0;
    loop {
        let rest = text.get(place..)?;
        if rest.starts_with("/*") {
            (depth, place) = (depth + 1, place + 2);
        } else if depth > 0 && rest.starts_with("*/") {
            (depth, place) = (depth - 1, place + 2);
        } else if depth > 0 {
            place += rest.chars().next()?.len_utf8();
        }
        if depth == 0 {
            return (place > 0).then_some(place);
        }
    }
}

fn tokens(mut text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(first) = text.chars().next() {
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if let Some(length) = comment_length(text) {
            length
        } else if let Some(length) = string_length(text).or_else(|| character_length(text)) {
            found.push(Token::Literal);
            length
        } else if is_word(first) {
            let length = text.find(|c| !is_word(c)).unwrap_or(text.len());
            found.push(Token::Word(text[..length].to_owned()));
            length
        } else if text.starts_with("::") {
            found.push(Token::PathSeparator);
            2
        } else {
            found.push(Token::Mark(first));
            first.len_utf8()
        };
        text = &text[length..];
    }
    found
}

/// Returns the place after the group whose opening bracket is at `start`.
fn after_group(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Mark('{' | '(' | '[') => depth += 1,
            Token::Mark('}' | ')' | ']') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    tokens.len()
}

/// Returns the place after the item that starts at `start`.
fn after_item(tokens: &[Token], start: usize) -> usize {
    let is_constant = |place: usize| {
        (tokens[place].is("const") || tokens[place].is("static"))
            && !["fn", "unsafe", "async", "extern"].iter().any(|word| tokens[place + 1].is(word))
    };
    let mut ends_at_brace = true;
    let mut place = start;
    while place < tokens.len() {
        match &tokens[place] {
            Token::Word(word) if word == "use" || word == "type" => ends_at_brace = false,
            Token::Word(_) if is_constant(place) => ends_at_brace = false,
            // A function's parameters and body are no longer the item's head.
            Token::Mark(';') => return place + 1,
            Token::Mark('{') if ends_at_brace => return after_group(tokens, place),
            Token::Mark('{' | '(' | '[') => {
                place = after_group(tokens, place);
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    place
}

/// An import of a module: a path and its local name.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Import {
    path: Vec<String>,
    /// `None` for a glob.
    name: Option<String>,
    is_public: bool,
}

/// Reads the `use` tree at `place`; returns the place after it.
fn read_use(tokens: &[Token], mut place: usize, prefix: &[String], found: &mut Vec<Import>) -> usize {
    let mut path = prefix.to_vec();
    let mut add =
        |path: Vec<String>, name: Option<String>| found.push(Import { path, name, is_public: false });
    loop {
        match tokens.get(place) {
            Some(Token::PathSeparator) => place += 1,
            Some(Token::Mark('*')) => {
                add(path, None);
                return place + 1;
            }
            Some(Token::Mark('{')) => {
                let end = after_group(tokens, place);
                place += 1;
                while place + 1 < end {
                    place = read_use(tokens, place, &path, found);
                    if tokens[place] == Token::Mark(',') {
                        place += 1;
                    }
                }
                return end;
            }
            Some(Token::Word(word)) if word == "as" => {
                add(path, tokens[place + 1].word().map(str::to_owned));
                return place + 2;
            }
            Some(Token::Word(word)) => {
                // `a::{self}` names `a`.
                if word != "self" || path.is_empty() {
                    path.push(word.clone());
                }
                place += 1;
            }
            _ => {
                let name = path.last().cloned();
                add(path, name);
                return place;
            }
        }
    }
}

/// A module, without its tests.
#[derive(Debug, Default)]
struct Module {
    children: BTreeSet<String>,
    /// Names of its items.
    defined: BTreeSet<String>,
    imports: Vec<Import>,
    /// Paths in its code, outside of `use`.
    paths: Vec<Vec<String>>,
    /// Words of its code outside of `use`.
    words: BTreeSet<String>,
}

const ITEMS: [&str; 10] =
    ["fn", "struct", "enum", "union", "trait", "type", "const", "static", "macro_rules", "mod"];

/// The modules of a crate, by their paths from the root, which is empty.
#[derive(Debug, Default)]
pub(crate) struct Modules(BTreeMap<Vec<String>, Module>);

impl Modules {
    /// Reads the crate in `folder`, from its `lib.rs`.
    pub(crate) fn of_crate(folder: &Path) -> Modules {
        let mut modules = Modules::default();
        modules.read_file(Vec::new(), &folder.join("lib.rs"), folder);
        modules
    }

    /// `folder` has the files of the module's children.
    fn read_file(&mut self, path: Vec<String>, file: &Path, folder: &Path) {
        let source = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.read(path, &tokens(&source), folder);
    }

    fn read(&mut self, path: Vec<String>, tokens: &[Token], folder: &Path) {
        let mut module = Module::default();
        let mut place = 0;
        let (mut depth, mut is_public) = (0_usize, false);
        while place < tokens.len() {
            match &tokens[place] {
                Token::Mark('#') => {
                    let start = if tokens[place + 1] == Token::Mark('!') { place + 2 } else { place + 1 };
                    let end = after_group(tokens, start);
                    let words = tokens[start..end].iter().filter_map(Token::word).collect::<Vec<_>>();
                    let is_test = matches!(words.as_slice(), ["cfg", "test"] | ["cfg", "all", "test", ..]);
                    place = if is_test { after_item(tokens, end) } else { end };
                    continue;
                }
                Token::Mark('{' | '(' | '[') => depth += 1,
                Token::Mark('}' | ')' | ']') => depth -= 1,
                Token::Word(word) if word == "pub" => {
                    is_public = true;
                    if tokens[place + 1] == Token::Mark('(') {
                        place = after_group(tokens, place + 1);
                        continue;
                    }
                    place += 1;
                    continue;
                }
                Token::Word(word) if word == "use" && tokens[place + 1] != Token::Mark('<') => {
                    let first = module.imports.len();
                    place = read_use(tokens, place + 1, &[], &mut module.imports);
                    module.imports[first..].iter_mut().for_each(|import| import.is_public = is_public);
                    is_public = false;
                    continue;
                }
                Token::Word(word) if word == "mod" && depth == 0 => {
                    let name = tokens[place + 1].word().expect("a module has a name").to_owned();
                    let own = [path.as_slice(), std::slice::from_ref(&name)].concat();
                    module.children.insert(name.clone());
                    is_public = false;
                    if tokens[place + 2] == Token::Mark('{') {
                        let end = after_group(tokens, place + 2);
                        self.read(own, &tokens[place + 3..end - 1], &folder.join(&name));
                        place = end;
                    } else {
                        let flat = folder.join(&name).with_extension("rs");
                        let file = if flat.exists() { flat } else { folder.join(&name).join("mod.rs") };
                        self.read_file(own, &file, &folder.join(&name));
                        place += 3;
                    }
                    continue;
                }
                Token::Word(word) => {
                    if depth == 0 && ITEMS.contains(&word.as_str()) {
                        let is_name =
                            |token: &&Token| token.word().is_some_and(|word| !ITEMS.contains(&word));
                        let name = tokens[place + 1..].iter().find(is_name).and_then(Token::word);
                        module.defined.extend(name.map(str::to_owned));
                    }
                    is_public = false;
                    let mut segments = vec![word.clone()];
                    while tokens.get(place + 1) == Some(&Token::PathSeparator)
                        && let Some(Token::Word(next)) = tokens.get(place + 2)
                    {
                        segments.push(next.clone());
                        place += 2;
                    }
                    if tokens.get(place + 1) == Some(&Token::Mark('!')) {
                        module.words.insert(format!("{}!", tokens[place].word().expect("a word")));
                    }
                    module.words.extend(segments.iter().cloned());
                    if segments.len() > 1 {
                        module.paths.push(segments);
                    }
                }
                _ => is_public = false,
            }
            place += 1;
        }
        self.0.insert(path, module);
    }

    /// Returns the module that defines what `from` calls `path`, through every re-export; `None` if in another crate.
    fn target(
        &self,
        from: &[String],
        path: &[String],
        seen: &mut BTreeSet<Vec<String>>,
    ) -> Option<Vec<String>> {
        let mut at = from.to_vec();
        for (place, segment) in path.iter().enumerate() {
            match segment.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop();
                }
                name => {
                    let module = self.0.get(&at)?;
                    if module.children.contains(name) {
                        at.push(name.to_owned());
                        continue;
                    }
                    if module.defined.contains(name) {
                        return Some(at);
                    }
                    if !seen.insert([at.as_slice(), std::slice::from_ref(segment)].concat()) {
                        return None;
                    }
                    let rest = &path[place + 1..];
                    if let Some(import) =
                        module.imports.iter().find(|import| import.name.as_deref() == Some(name))
                    {
                        return self.target(&at, &[import.path.as_slice(), rest].concat(), seen);
                    }
                    let globs = module.imports.iter().filter(|import| import.name.is_none());
                    return globs
                        .filter_map(|glob| {
                            self.target(&at, &[glob.path.as_slice(), &path[place..]].concat(), seen)
                        })
                        .next();
                }
            }
        }
        Some(at)
    }

    /// Returns all words of the code, those of macros with their mark: `println!`.
    pub(crate) fn words(&self) -> BTreeSet<&str> {
        let imported = self.0.values().flat_map(|module| &module.imports).flat_map(|import| &import.path);
        self.0.values().flat_map(|module| &module.words).chain(imported).map(String::as_str).collect()
    }

    /// Returns every module with those that it uses.
    pub(crate) fn uses(&self) -> BTreeMap<String, BTreeSet<String>> {
        let name = |path: &[String]| path.join("::");
        let used = |(path, module): (&Vec<String>, &Module)| {
            // Re-exports are no uses.
            let is_used = |import: &&Import| {
                !import.is_public || import.name.as_ref().is_none_or(|name| module.words.contains(name))
            };
            let imported = module.imports.iter().filter(is_used).map(|import| &import.path);
            let targets = imported.chain(&module.paths);
            let targets = targets.filter_map(|target| self.target(path, target, &mut BTreeSet::new()));
            (name(path), targets.filter(|target| target != path).map(|target| name(&target)).collect())
        };
        self.0.iter().map(used).collect()
    }
}

/// Returns every folder under `root` that has a `Cargo.toml`.
pub(crate) fn crates(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(root).expect("a folder has entries").map(|entry| entry.expect("an entry").path());
    for folder in entries.filter(|path| path.is_dir()) {
        found.extend(crates(&folder));
        if folder.join("Cargo.toml").exists() {
            found.push(folder);
        }
    }
    found.sort();
    found
}
