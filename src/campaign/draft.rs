//! Files that take their place whole or not at all.
//!
//! A draft lies beside its target until it is complete, under a name that nothing else has, and is locked as long as its
//! writer lives: what a killed one left behind is found by its name, and known by its lock, which nobody holds any more.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// What the names of drafts begin and end with, and how many letters and digits stand between.
const NAME: (&str, &str, usize) = (".synod-", ".draft", 12);

/// A file in the making. It vanishes unless it is put in the place of a file.
#[derive(Debug)]
pub struct Draft(NamedTempFile);

impl Draft {
    /// Creates an empty draft in `folder`, readable by whoever may read a file that a program makes there.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn new(folder: &Path) -> io::Result<Draft> {
        loop {
            let mut builder = builder();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(fs::Permissions::from_mode(0o666));
            }
            let draft = Draft(builder.tempfile_in(folder)?);
            draft.0.as_file().lock()?;
            // Somebody who tidied up may have come before the lock.
            if draft.0.path().exists() {
                return Ok(draft);
            }
        }
    }

    /// Puts the draft in the place of `path`, whatever is there.
    ///
    /// # Errors
    /// If it cannot be written, or not moved there; then what was there still is.
    pub fn replace(self, path: &Path) -> io::Result<()> {
        self.0.as_file().sync_all()?;
        self.0.persist(path).map_err(|failure| failure.error)?;
        sync_folder(path)
    }

    /// Puts the draft at `path`, where nothing may be.
    ///
    /// # Errors
    /// If something is there, or if it cannot be written.
    pub fn create(self, path: &Path) -> io::Result<()> {
        self.0.as_file().sync_all()?;
        self.0.persist_noclobber(path).map_err(|failure| failure.error)?;
        sync_folder(path)
    }

    /// Lets the link at `path` point to `target`: the new one takes the old one's place at once, so that there always is
    /// one.
    ///
    /// # Errors
    /// If no link can be written there.
    #[cfg(unix)]
    pub fn link(target: &Path, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let link = builder().make_in(folder, |draft| std::os::unix::fs::symlink(target, draft))?;
        link.into_temp_path().persist(path).map_err(|failure| failure.error)
    }

    /// Removes the drafts in `folder` whose writers are gone. What cannot be looked at or removed stays.
    pub fn tidy(folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if is_name(name) && is_abandoned(&path) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Opens what lies at `path` itself, never what a link there points to, and waits for nobody at the other end of a pipe.
///
/// # Errors
/// If it cannot be opened, or is no ordinary file.
pub fn open_no_link(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    if path.is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is a link, and none is followed here"));
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "is not an ordinary file"))
    }
}

fn builder() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(NAME.0).suffix(NAME.1).rand_bytes(NAME.2);
    builder
}

fn is_name(name: &str) -> bool {
    let (start, end, length) = NAME;
    let middle = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    middle.is_some_and(|middle| {
        middle.len() == length && middle.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Returns true if nobody is writing the draft at `path`. A link is written in one step.
fn is_abandoned(path: &Path) -> bool {
    path.is_symlink()
        || open_no_link(path, OpenOptions::new().read(true)).is_ok_and(|file| file.try_lock().is_ok())
}

/// Makes sure that the name at `path` outlives a crash of the machine as well as its content does.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_writer_left_is_tidied_away_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let others = [
            ".synod-abcdefghijk.draft",
            ".synod-abcdefghijklm.draft",
            ".synod-abcdefghij_l.draft",
            "synod-abcdefghijkl.draft",
            ".synod-abcdefghijkl.draft.txt",
            ".synod-abcdefghijkl",
            "mine",
        ];
        others.iter().for_each(|name| fs::write(at(name), "mine").expect("a file"));
        fs::create_dir(at(".synod-abcdefghijkm.draft")).expect("a folder");
        fs::write(at(".synod-abcdefghijkl.draft"), "half").expect("a file");
        let mut living = Draft::new(folder.path()).expect("a draft");
        living.write_all(b"whole").expect("it is written");
        Draft::tidy(folder.path());
        assert!(!at(".synod-abcdefghijkl.draft").exists());
        assert!(others.iter().all(|name| at(name).exists()));
        living.replace(&at("done")).expect("it takes its place");
        assert_eq!(fs::read(at("done")).expect("it is there"), b"whole");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), others.len() + 2);
    }

    #[test]
    #[cfg(unix)]
    fn no_link_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("precious"), "mine").expect("a file");
        std::os::unix::fs::symlink("precious", at("link")).expect("a link");
        std::os::unix::fs::symlink("missing", at("dangling")).expect("a link");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        for name in ["link", "dangling"] {
            let error = open_no_link(&at(name), &mut options).expect_err("it is a link");
            assert!(error.to_string().contains("is a link"), "{error}");
        }
        assert!(open_no_link(&at("precious"), &mut options).is_ok());
        assert!(open_no_link(Path::new("/dev/null"), &mut options).is_err());
        let mut draft = Draft::new(folder.path()).expect("a draft");
        draft.write_all(b"new").expect("it is written");
        draft.replace(&at("link")).expect("it takes the link's place");
        assert_eq!(fs::read(at("precious")).expect("it is there"), b"mine");
        assert_eq!(fs::read(at("link")).expect("it is there"), b"new");
    }
}
