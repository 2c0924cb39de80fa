//! What does not fit is refused, with what to do, and nothing is lost.

use super::folder::{Folder, QUICKSTART, TIGHT, ends, files, plan, refusal, refused, run, synod};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RESULT: &str = "campaign/results/shard-00000-of-00002.json";

/// A campaign of two shards, of which the first is made.
fn half(folder: &Folder) -> String {
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..16", "--block", "2", "--shards", "2"]);
    run(&campaign, "0/2");
    campaign
}

/// Puts another checksum on a file of this kind and form, which fits.
fn seal(kind: &str, path: &Path, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    let text = fs::read_to_string(path).expect("a file");
    let head = format!("{{\"{kind}\":1,\"blake3\":\"");
    let rest = text.strip_prefix(&head).expect("it is of this kind");
    let rest = edit(rest[64 + 2..].to_owned());
    format!("{head}{}\",{rest}", blake3::hash(rest.as_bytes()).to_hex()).into_bytes()
}

fn plan_file(campaign: &str) -> PathBuf {
    let plans = fs::read_dir(campaign).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut plans = plans.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    plans.next().expect("a plan")
}

#[test]
fn one_folder_is_of_one_plan() {
    let folder = Folder::new();
    let campaign = half(&folder);
    let before = files(Path::new(&campaign));
    for other in [["--seeds", "0..17"], ["--seeds", "0..16"]] {
        let error = refused(
            &[&["campaign", "plan", QUICKSTART, "--output", &campaign, "--block", "4"], &other[..]].concat(),
        );
        assert!(error.contains("holds the plan of another campaign"), "{error}");
    }
    assert_eq!(files(Path::new(&campaign)), before);
    let second = folder.at("second");
    plan(&second, &["--seeds", "0..3", "--block", "2"]);
    let other = plan_file(&second);
    fs::copy(&other, Path::new(&campaign).join(other.file_name().expect("a name")))
        .expect("it can be copied");
    for verb in ["merge", "missing", "status"] {
        let error = refused(&["campaign", verb, &campaign]);
        assert!(error.contains("there are two plans here"), "{error}");
    }
    let error = refused(&["campaign", "run", &campaign, "--shard", "1/2"]);
    assert!(error.contains("there are two plans here"), "{error}");
    for verb in ["merge", "missing", "status"] {
        let error = refused(&["campaign", verb, &folder.at("second/results")]);
        assert!(error.contains("there is no plan here"), "{error}");
        assert!(error.contains("campaign plan"), "{error}");
    }
}

#[test]
fn a_damaged_plan_is_refused() {
    let folder = Folder::new();
    let campaign = half(&folder);
    let path = plan_file(&campaign);
    let whole = fs::read(&path).expect("a file");
    for (damaged, part) in [
        (whole[..whole.len() - 9].to_vec(), "is damaged: its checksum does not fit"),
        (b"{}".to_vec(), "is no plan that this version reads"),
        (
            seal("plan", &path, |rest| rest.replace("\"shards\":2", "\"shards\":3")),
            "its name is not its hash",
        ),
        (
            seal("plan", &path, |rest| rest.replace("\"block\":2", "\"block\":3")),
            "its values do not fit together",
        ),
        (
            seal("plan", &path, |rest| rest.replace("\"block\":2", "\"block\":0")),
            "its values do not fit together",
        ),
        (
            seal("plan", &path, |rest| rest.replace("\"seeds\":[0,16]", "\"seeds\":[16,0]")),
            "do not fit together",
        ),
    ] {
        fs::write(&path, damaged).expect("it can be written");
        let error = refused(&["campaign", "run", &campaign, "--shard", "1/2"]);
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_plan_of_another_version_or_build_is_not_run() {
    let folder = Folder::new();
    for (from, to, part) in [
        (
            format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")),
            "\"version\":\"0.0.9\"".to_owned(),
            "the plan is of version 0.0.9",
        ),
        ("\"build\":\"".to_owned(), "\"build\":\"0".to_owned(), "another build of Synod"),
    ] {
        let campaign = folder.at(&part[..4]);
        plan(&campaign, &["--seeds", "0..4"]);
        let path = plan_file(&campaign);
        let edited = seal("plan", &path, |rest| rest.replacen(&from, &to, 1));
        fs::remove_file(&path).expect("it was there");
        let name = format!("plan-{}.json", &blake3::hash(&edited).to_hex()[..32]);
        fs::write(Path::new(&campaign).join(name), edited).expect("it can be written");
        for arguments in
            [&["campaign", "run", &*campaign, "--shard", "0/1"][..], &["campaign", "merge", &campaign]]
        {
            let error = refused(arguments);
            assert!(error.contains(part) && error.contains("plan anew"), "{error}");
        }
    }
}

#[test]
fn results_that_are_damaged_or_foreign_are_refused() {
    let folder = Folder::new();
    let campaign = half(&folder);
    let path = folder.path(RESULT);
    let whole = fs::read(&path).expect("a file");
    let foreign = folder.at("foreign");
    plan(&foreign, &["--seeds", "1..16", "--block", "2"]);
    run(&foreign, "0/2");
    for (damaged, part) in [
        (whole[..whole.len() / 2].to_vec(), "is damaged: its checksum does not fit"),
        (Vec::new(), "is no shard that this version reads"),
        (
            fs::read(folder.path("foreign/results/shard-00000-of-00002.json")).expect("a file"),
            "is of another campaign",
        ),
        (
            seal("shard", &path, |rest| rest.replacen("\"runs\":8", "\"runs\":9", 1)),
            "its counts do not fit together",
        ),
        (
            seal("shard", &path, |rest| rest.replacen("\"index\":0", "\"index\":1", 1)),
            "its counts do not fit together",
        ),
        (
            seal("shard", &path, |rest| rest.replacen("\"index\":0", "\"index\":2", 1)),
            "its counts do not fit together",
        ),
    ] {
        fs::write(&path, damaged).expect("it can be written");
        for arguments in [
            &["campaign", "run", &*campaign, "--shard", "0/2"][..],
            &["campaign", "merge", &campaign],
            &["campaign", "status", &campaign],
        ] {
            let error = refused(arguments);
            assert!(error.contains(part) && error.contains("shard-00000-of-00002.json"), "{error}");
        }
    }
    fs::remove_file(&path).expect("it was there");
    run(&campaign, "0/2");
    run(&campaign, "1/2");
    ends(0, &["campaign", "merge", &campaign]);
}

#[test]
fn results_that_differ_are_both_kept_and_named() {
    let folder = Folder::new();
    let campaign = half(&folder);
    run(&campaign, "1/2");
    let path = folder.path(RESULT);
    let tree =
        |text: &str| text.find("\"2:").or(text.find("\"blocks\":{\"0\":\"")).expect("a tree of digests");
    let edited = seal("shard", &path, |rest| {
        let place = tree(&rest) + "\"blocks\":{\"0\":\"2:".len();
        let other = if &rest[place..=place] == "0" { "1" } else { "0" };
        format!("{}{other}{}", &rest[..place], &rest[place + 1..])
    });
    let copy = folder.path("campaign/results/shard-00000-of-00002 from node 7.json");
    fs::write(&copy, edited).expect("it can be written");
    let error = refusal(8, &mut synod(&["campaign", "merge", &campaign]));
    for part in ["from node 7.json", "shard-00000-of-00002.json", "seeds 0..2"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(copy.is_file() && path.is_file(), "both are kept");
    // A copy that is the same counts once.
    fs::copy(&path, &copy).expect("it can be copied");
    ends(0, &["campaign", "merge", &campaign]);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = Folder::new();
    let campaign = half(&folder);
    for (arguments, part) in [
        (&["--shard", "2/2"][..], "they are 0/2 to 1/2"),
        (&["--shard", "0/0"], "a campaign has 1 to"),
        (&["--shard", "7"], "is no shard"),
        (&[], "--shard"),
        (&["--shard", "0/2", "--shard-from", "env"], "cannot be used with"),
        (&["--shard-from", "slurm"], "is no task of a job array"),
        (&["--shard-from", "env"], "SYNOD_SHARD is not set"),
    ] {
        let error = refused(&[&["campaign", "run", &campaign], arguments].concat());
        assert!(error.contains(part), "{error}");
    }
    let mut command = synod(&["campaign", "run", &campaign, "--shard-from", "env"]);
    let error = refusal(2, command.env("SYNOD_SHARD", "0/2").env("SLURM_ARRAY_TASK_ID", "1"));
    assert!(error.contains("unset one of them"), "{error}");
    let mut command = synod(&["campaign", "run", &campaign, "--shard", "0/2"]);
    let error = refusal(2, command.env("SYNOD_SHARD", "1/2"));
    assert!(error.contains("names shard 1/2"), "{error}");
    let output = folder.at("other");
    for (arguments, part) in [
        (&[QUICKSTART][..], "a sweep needs seeds"),
        (&[QUICKSTART, "--seeds", "0..9", "--filter", "n=4"], "no points to choose from"),
        (&[QUICKSTART, "--seeds", "0..9", "--block", "3"], "a block has 1, 2, 4"),
        (&[QUICKSTART, "--seeds", "0..9", "--block", "2048"], "a block has 1, 2, 4"),
        (&[QUICKSTART, "--seeds", "0..9", "--shards", "0"], "0 is not in 1.."),
        (&[QUICKSTART, "--seeds", "0..9007199254740992"], "and 4000000 are possible"),
        (&["scenarios/suites/documents.yaml", "--grid", "agents=4,7"], "a suite says itself"),
        (&["scenarios/pbft", "--set", "agents=4"], "a catalogue says itself"),
        (&["missing.yaml", "--seeds", "0..9"], "missing.yaml"),
    ] {
        let error = refused(&[&["campaign", "plan", "--output", &output], arguments].concat());
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_suite_that_changed_is_not_reported_on() {
    let folder = Folder::new();
    fs::copy(QUICKSTART, folder.path("quickstart.yaml")).expect("it can be copied");
    let text = "name: s\nseries:\n  - {name: one, scenarios: [quickstart.yaml], seeds: 0..2}\n";
    fs::write(folder.path("suite.yaml"), text).expect("it can be written");
    let campaign = folder.at("campaign");
    ends(0, &["campaign", "plan", &folder.at("suite.yaml"), "--output", &campaign]);
    run(&campaign, "0/1");
    fs::write(folder.path("suite.yaml"), text.replace("0..2", "0..3")).expect("it can be written");
    let error = refused(&["campaign", "merge", &campaign]);
    assert!(error.contains("is not what it was when the campaign was planned"), "{error}");
    fs::write(folder.path("suite.yaml"), text).expect("it can be written");
    let error = refused(&["campaign", "merge", &campaign, "--csv", &folder.at("x.csv")]);
    assert!(error.contains("are written of sweeps"), "{error}");
    ends(0, &["campaign", "merge", &campaign]);
}

/// A result from a stranger names no file outside of its folder.
#[test]
fn a_repro_file_has_the_name_of_its_seed() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &[&TIGHT[..], &["--seeds", "0..60", "--shrink", "0"]].concat());
    run(&campaign, "0/1");
    let path = folder.path("campaign/results/shard-00000-of-00001.json");
    let edited = seal("shard", &path, |rest| rest.replacen("\"repro\":\"", "\"repro\":\"../../", 1));
    fs::write(&path, edited).expect("it can be written");
    let error = refused(&["campaign", "merge", &campaign]);
    assert!(error.contains("its counts do not fit together"), "{error}");
}

#[test]
fn a_repro_file_that_is_gone_is_named() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &[&TIGHT[..], &["--seeds", "0..60", "--shrink", "0"]].concat());
    run(&campaign, "0/1");
    let repros = folder.path("campaign/results/shard-00000-of-00001");
    let first =
        fs::read_dir(&repros).expect("there are failures").next().expect("one").expect("an entry").path();
    fs::remove_file(&first).expect("it was there");
    let error = refused(&["campaign", "merge", &campaign]);
    assert!(error.contains("is not there") && error.contains("run the shard again"), "{error}");
}

/// A disk that is full is a file that cannot grow.
#[test]
#[cfg(unix)]
fn a_full_disk_loses_nothing() {
    let folder = Folder::new();
    let campaign = folder.at("campaign");
    plan(&campaign, &["--seeds", "0..40", "--block", "1"]);
    run(&campaign, "1/2");
    let before = files(Path::new(&campaign));
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' campaign run '{campaign}' --shard 0/2",
        super::folder::SYNOD
    );
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let error = refusal(6, &mut command);
    assert!(error.contains("shard-00000-of-00002.json"), "{error}");
    let mut after = files(Path::new(&campaign));
    after.retain(|name, _| !name.ends_with(".lock"));
    assert!(after.iter().all(|(name, bytes)| before.get(name) == Some(bytes)), "{:?}", after.keys());
    run(&campaign, "0/2");
    ends(0, &["campaign", "merge", &campaign]);
}
