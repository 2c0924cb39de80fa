//! Lists of names and declarations, concatenated at compile time.

/// Concatenates lists.
///
/// # Panics
/// If the first is empty, or there are not `N` in all.
pub const fn joined<T: Copy, const N: usize>(lists: &[&[T]]) -> [T; N] {
    let mut all = [lists[0][0]; N];
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
    assert!(place == N, "each has its place");
    all
}

/// Returns the number of entries of all lists.
pub const fn count<T>(lists: &[&[T]]) -> usize {
    let (mut list, mut count) = (0, 0);
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
}
