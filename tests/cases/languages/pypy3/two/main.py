from following import following

print(following(41))
