# Recipes only ask whether it is there.
