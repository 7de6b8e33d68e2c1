"""Running a Change: the journal, doing and undoing its steps, generations, and proving that the site works."""
