"""What a study would give: expected errors for members of given sizes, before anybody is asked for anything."""
