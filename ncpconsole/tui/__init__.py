"""The screens: they ask core and draw what it answers."""
