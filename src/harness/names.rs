//! Lists of names, put together before the program runs.

/// Several lists of names as one.
pub const fn joined<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let mut all = [""; N];
    let (mut list, mut place) = (0, 0);
    while list < lists.len() {
        let mut each = 0;
        while each < lists[list].len() {
            all[place] = lists[list][each];
            place += 1;
            each += 1;
        }
        list += 1;
    }
    assert!(place == N, "every name has its place");
    all
}

/// How many names there are in several lists.
pub const fn count(lists: &[&[&'static str]]) -> usize {
    let (mut list, mut count) = (0, 0);
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
}
